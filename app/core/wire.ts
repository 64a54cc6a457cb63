import { z } from 'zod';
import { Catalog, Download } from '../contract/download.ts';
import { Code } from '../contract/failure.ts';
import { Entry, Page } from '../contract/gallery.ts';
import { Job, Progress } from '../contract/job.ts';
import { Check, Preferences } from '../contract/method.ts';
import { Model } from '../contract/model.ts';
import { Input, MediaId, Resolved, Settings } from '../contract/request.ts';
import { Restored } from '../contract/restored.ts';
import { Verdict } from '../contract/verdict.ts';
import { mask } from './mask.ts';

/**
 * What the sidecar says, read tolerantly: absent means null, and what the window must not see (paths, names we do not
 * know) is dropped here, because only the contract's own fields are copied.
 */
const maybe = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null);

// Words for a person lose their paths here, and values that stand in such words; a prompt is nobody's to change.
const words = z.string().transform(mask);
const values = z
  .record(z.string(), z.union([words, z.number()]))
  .nullish()
  .transform((found) => found ?? {});
const sentence = { case: maybe(z.string()), values };
const said = { code: Code.catch('INTERNAL'), message: words, hint: maybe(words), ...sentence };

const face = {
  ...Job.shape,
  phase: maybe(Job.shape.phase.unwrap()),
  step: maybe(z.number()),
  steps: maybe(z.number()),
  eta_s: maybe(z.number()),
  elapsed_s: maybe(z.number()),
  preview: maybe(MediaId),
  output: maybe(MediaId),
  seconds: maybe(Job.shape.seconds.unwrap()),
  code: maybe(Code.catch('INTERNAL')),
  message: maybe(words),
  hint: maybe(words),
  ...sentence,
};

// A job from the command line may name a picture by path: the window is told there is none it can show.
const imageId = z.unknown().transform((value) => MediaId.safeParse(value).data ?? null);
const seed = z.union([z.string(), z.number()]).transform(String);
const model = z.object({ ...Model.shape, trouble: maybe(z.object(said)), defaults: z.object(Settings.shape) });
const resolved = z.object({ ...Resolved.shape, image: imageId, seed });
const job = z.object({ ...face, request: resolved });
const input = z.object(Input.shape);
const { request: _request, created: _created, ...faceOnly } = face;

export const SaidProgress = z.object({ ...faceOnly, seq: Progress.shape.seq, seed: maybe(seed) });

const device = z.object({ kind: z.string(), name: z.string() });

/** What a person calls it: a card by its name, a processor not by its architecture. */
const deviceName = (said: unknown): string | null => {
  const known = device.safeParse(said).data;
  return known ? (known.kind === 'cpu' ? 'CPU' : known.name) : null;
};

const download = z.object({
  ...Download.shape,
  path: words,
  trouble: maybe(z.object(said)),
});
const entry = z.object({ ...Entry.shape, request: resolved });
const going = z.object({ download });

export const SaidDownload = download;

export const replies = {
  hello: z.object({
    protocol: z.number(),
    versions: z.record(z.string(), z.string()),
    capabilities: z.array(z.string()),
    data_folder: z.string(),
  }),
  snapshot: z.object({
    seq: z.number().int(),
    jobs: z.array(job),
    paused: z.boolean(),
    models: z.array(model),
    engine: z.object({
      state: z.enum(['stopped', 'starting', 'ready', 'busy']).catch('stopped'),
      device: z.unknown().transform(deviceName),
    }),
    preferences: z.object(Preferences.shape),
    download: maybe(download),
  }),
  doctor: z.object({ checks: z.array(z.object({ ...Check.shape, detail: words, hint: maybe(words), ...sentence })) }),
  generate: z.object({ job: z.string(), request: resolved }),
  prompts: z.object({ prompts: z.array(z.string()) }),
  estimate: z.object({ verdict: z.object({ ...Verdict.shape, refusal: maybe(z.object(said)) }) }),
  cancel: z.object({ job: z.string(), state: z.string() }),
  retry: z.object({ job: z.string(), state: z.string() }),
  move: z.object({ job: z.string() }),
  edit: z.object({ job: z.string(), request: resolved }),
  pause: z.object({ paused: z.boolean() }),
  resume: z.object({ paused: z.boolean() }),
  add_model: z.object({ model }),
  catalog: z.object({
    offers: z.array(z.object(Catalog.shape.offers.element.shape)),
    places: z.array(z.object({ ...Catalog.shape.places.element.shape, path: words })),
    hub: z.string(),
  }),
  download: going,
  pause_download: going,
  resume_download: going,
  cancel_download: z.object({}),
  verify_model: z.object({ by: z.enum(['bytes', 'structure']) }),
  remove_model: z.object({ models: z.array(model) }),
  store_input: z.object({ input }),
  read_video: z.object({ video: z.object({ ...Restored.shape, request: resolved, picture: maybe(input) }) }),
  prefer: z.object({ preferences: z.object(Preferences.shape) }),
  gallery: z.object({ ...Page.shape, entries: z.array(entry) }),
  favourite: z.object({ job: z.string(), favourite: z.boolean() }),
  trash: z.object({ job: z.string() }),
  restore: z.object({ entry }),
  videos_folder: z.object({ folder: words }),
  media: z.object({ path: z.string(), type: z.string() }),
  shutdown: z.object({}),
  ping: z.object({}),
} as const;

export type Op = keyof typeof replies;
export type Reply<O extends Op> = z.infer<(typeof replies)[O]>;

export const SaidFailure = z.object({ ...said, field: maybe(z.string()) });

export type Said =
  | { kind: 'reply'; id: string | null; body: Record<string, unknown> }
  | { kind: 'progress'; body: unknown }
  | { kind: 'download'; body: unknown }
  | { kind: 'saved' }
  | { kind: 'noise'; text: string };

const object = z.record(z.string(), z.unknown());

/** Reads one line of the sidecar's stdout. What is not the protocol is noise, never an error. */
export function understand(line: string): Said {
  if (line.startsWith('[progress] saved=')) return { kind: 'saved' };
  const [, tag, json] = /^\[(reply|progress|download)\] (\{.*\})$/s.exec(line) ?? [];
  if (json === undefined) return { kind: 'noise', text: line };
  try {
    const body = object.parse(JSON.parse(json));
    if (tag === 'progress' || tag === 'download') return { kind: tag, body };
    return { kind: 'reply', id: typeof body.id === 'string' ? body.id : null, body };
  } catch {
    return { kind: 'noise', text: line };
  }
}
