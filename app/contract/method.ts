import { z } from 'zod';
import type { Case } from './cases.ts';
import { Catalog, Download } from './download.ts';
import { LogLine, SidecarState } from './event.ts';
import { Values } from './failure.ts';
import { Entry, Page, Wanted } from './gallery.ts';
import { Job } from './job.ts';
import { Model } from './model.ts';
import { JobId, Request, Resolved } from './request.ts';
import { Verdict } from './verdict.ts';

const none = z.strictObject({});
const download = z.strictObject({ download: Download });

/** A rule whose refusal other languages know, too. */
const unless = (name: Case, message: string) => ({ message, params: { case: name } });

/** A folder on this machine's own drives: absolute, and none of the names that mean something else to Windows. */
export const FolderPath = z
  .string()
  .trim()
  .max(4096)
  .refine((path) => path !== '', unless('path_empty', 'Type the folder’s full path.'))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  .refine((path) => !/[\u0000-\u001f\u007f]/.test(path), unless('path_control', 'A path has no control characters.'))
  .refine(
    (path) => !/^[\\/]{2}/.test(path),
    unless('path_network', 'Network and device paths are refused. Copy the folder to a local drive.'),
  )
  .refine(
    (path) => /^(\/|[A-Za-z]:[\\/])/.test(path),
    unless('path_relative', 'Give the full path, from the drive or from “/”.'),
  );

export const Engine = z.strictObject({
  state: z.enum(['stopped', 'starting', 'ready', 'busy']),
  device: z.string().nullable(),
});
export type Engine = z.infer<typeof Engine>;

/** What a person likes, the same in every window; null was never chosen. */
export const Preferences = z.strictObject({
  language: z.enum(['en', 'ko']).nullable(),
  theme: z.enum(['auto', 'light', 'dark']).nullable(),
  /** GiB of GPU memory that may be used; 0: all that is free. */
  vram_gib: z.number().min(0).max(1024).nullable(),
  /** More of it than the system asks for. */
  contrast: z.boolean().nullable(),
  /** Whether the system is to say that a video has ended. */
  notices: z.boolean().nullable(),
  /** Whether a first video was made. */
  greeted: z.boolean().nullable(),
});
export type Preferences = z.infer<typeof Preferences>;

export const Snapshot = z.strictObject({
  seq: z.number().int(),
  jobs: z.array(Job),
  /** After what is being made, nothing new begins. */
  paused: z.boolean(),
  models: z.array(Model),
  engine: Engine,
  preferences: Preferences,
  /** The last that is known of; null: there was none since the start. */
  download: Download.nullable(),
  sidecar: SidecarState,
  log: z.array(LogLine),
});
export type Snapshot = z.infer<typeof Snapshot>;

export const Check = z.strictObject({
  id: z.string(),
  state: z.enum(['ok', 'warn', 'fail']),
  title: z.string(),
  detail: z.string(),
  hint: z.string().nullable(),
  case: z.string().nullable(),
  values: Values,
});
export type Check = z.infer<typeof Check>;

/** Every verb a window knows: what it takes and what it gives. A verb is a line here and a line in core/handlers.ts. */
export const methods = {
  snapshot: { params: none, result: Snapshot },
  generate: {
    params: z.strictObject({ request: Request, count: z.number().optional() }),
    result: z.strictObject({ job: JobId, request: Resolved }),
  },
  prompts: { params: none, result: z.strictObject({ prompts: z.array(z.string()) }) },
  estimate: { params: z.strictObject({ request: Request }), result: z.strictObject({ verdict: Verdict }) },
  cancel: {
    params: z.strictObject({ job: JobId }),
    result: z.strictObject({ job: JobId, state: z.string() }),
  },
  retry: {
    params: z.strictObject({ job: JobId }),
    result: z.strictObject({ job: JobId, state: z.string() }),
  },
  move: {
    params: z.strictObject({ job: JobId, before: JobId.nullable() }),
    result: z.strictObject({ job: JobId }),
  },
  edit: {
    params: z.strictObject({ job: JobId, request: Request }),
    result: z.strictObject({ job: JobId, request: Resolved }),
  },
  pause: { params: none, result: z.strictObject({ paused: z.boolean() }) },
  resume: { params: none, result: z.strictObject({ paused: z.boolean() }) },
  add_model: { params: z.strictObject({ path: FolderPath }), result: z.strictObject({ model: Model }) },
  catalog: { params: none, result: Catalog },
  download: {
    params: z.strictObject({ model: z.string().max(200), folder: FolderPath, hub: z.string().max(2000).optional() }),
    result: download,
  },
  pause_download: { params: none, result: download },
  resume_download: { params: none, result: download },
  cancel_download: { params: z.strictObject({ keep: z.boolean() }), result: none },
  verify_model: {
    params: z.strictObject({ model: z.string().max(200) }),
    result: z.strictObject({ by: z.enum(['bytes', 'structure']) }),
  },
  remove_model: {
    params: z.strictObject({ model: z.string().max(200), files: z.boolean() }),
    result: z.strictObject({ models: z.array(Model) }),
  },
  doctor: {
    params: z.strictObject({ self_test: z.boolean().optional() }),
    result: z.strictObject({ checks: z.array(Check) }),
  },
  gallery: {
    /** The page begins after the entry of the job `before`. */
    params: Wanted.extend({ before: JobId.optional(), limit: z.number().int() }),
    result: Page,
  },
  favourite: {
    params: z.strictObject({ job: JobId, on: z.boolean() }),
    result: z.strictObject({ job: JobId, favourite: z.boolean() }),
  },
  trash: { params: z.strictObject({ job: JobId }), result: z.strictObject({ job: JobId }) },
  restore: { params: z.strictObject({ job: JobId }), result: z.strictObject({ entry: Entry }) },
  prefer: {
    params: z.strictObject({ preferences: Preferences.partial() }),
    result: z.strictObject({ preferences: Preferences }),
  },
  videos_folder: {
    params: z.strictObject({ folder: FolderPath.optional() }),
    result: z.strictObject({ folder: z.string() }),
  },
  restart: { params: none, result: none },
} as const;

export type Methods = typeof methods;
export type Method = keyof Methods;
export type Params<M extends Method> = z.infer<Methods[M]['params']>;
export type Result<M extends Method> = z.infer<Methods[M]['result']>;

/** Whether a name that came from outside is one of ours; own names only, so `__proto__` is not. */
export const isMethod = (name: string): name is Method => Object.hasOwn(methods, name);
