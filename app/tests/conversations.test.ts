import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Job, Progress } from '../contract/job.ts';
import type { Snapshot } from '../contract/method.ts';
import { type Reply, replies, SaidFailure, SaidProgress, understand } from '../core/wire.ts';
import { first, next, type State } from '../renderer/state/next.ts';

const folder = fileURLToPath(new URL('../../tests/conversations/', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));

interface Out {
  readonly reply?: Record<string, unknown>;
  readonly progress?: Record<string, unknown>;
  readonly download?: Record<string, unknown>;
  readonly saved?: string;
}

/** What the sidecar said in a recorded conversation. */
const said = (name: string): Out[] =>
  readFileSync(folder + name, 'utf8')
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => (JSON.parse(line) as { out?: Out }).out ?? []);

/** The same as the line that stood on its stdout. */
const lineOf = (out: Out): string => {
  if (out.reply) return `[reply] ${JSON.stringify(out.reply)}`;
  if (out.progress) return `[progress] ${JSON.stringify(out.progress)}`;
  if (out.download) return `[download] ${JSON.stringify(out.download)}`;
  return `[progress] saved=${out.saved}`;
};

const isOp = (op: unknown): op is keyof typeof replies => typeof op === 'string' && Object.hasOwn(replies, op);

const generated = (name: string): Reply<'generate'>[] =>
  said(name).flatMap(({ reply }) => (reply?.op === 'generate' ? replies.generate.parse(reply) : []));

/** A window that opened before the first word, heard every one, and took a snapshot where it was out of step. */
function mirror(name: string): State {
  const blank = { phase: null, step: null, steps: null, eta_s: null, elapsed_s: null, seconds: null };
  const media = { preview: null, output: null };
  const fine = { code: null, message: null, hint: null, case: null, values: {} };
  const jobs = generated(name).map(({ job, request }) =>
    Job.parse({ ...blank, ...media, ...fine, job, request, state: 'queued', rank: 0, created: '' }),
  );
  const own = { sidecar: { state: 'ready', why: null, tail: [] }, log: [] } satisfies Partial<Snapshot>;
  const snapshot: Snapshot = {
    seq: 0,
    jobs,
    paused: false,
    models: [],
    engine: { state: 'ready', device: 'CPU' },
    preferences: { language: null, theme: null, vram_gib: null, contrast: null, notices: null, greeted: null },
    download: null,
    ...own,
  };
  const start = next(first, { type: 'snapshot', snapshot });
  return said(name).reduce((state, { progress, reply }) => {
    if (progress) return next(state, { type: 'progress', progress: SaidProgress.parse(progress) });
    if (state.synced || reply?.op !== 'snapshot') return state;
    return next(state, { type: 'snapshot', snapshot: { ...replies.snapshot.parse(reply), ...own } });
  }, start);
}

describe.each(names)('the recorded conversation %s', (name) => {
  test('is understood to its last line', () => {
    for (const out of said(name)) {
      const line = lineOf(out);
      const heard = understand(line);
      expect(heard.kind, line).toBe(Object.keys(out)[0]);
      if (heard.kind === 'progress')
        expect(Progress.safeParse(SaidProgress.parse(heard.body)).error, line).toBeUndefined();
      if (heard.kind !== 'reply') continue;
      const { code, op } = heard.body;
      if (typeof code === 'string') expect(SaidFailure.parse(heard.body).code, line).toBe(code);
      else if (isOp(op)) expect(replies[op].safeParse(heard.body).error, line).toBeUndefined();
    }
  });

  test('leaves the window knowing what the sidecar knows', () => {
    const state = mirror(name);
    expect(state.synced).toBe(true);
    const told = said(name).flatMap(({ reply }) => (reply?.op === 'snapshot' ? replies.snapshot.parse(reply) : []));
    const last = told.findLast((snapshot) => snapshot.seq === state.seq);
    if (!last) return;
    const knows = ({ job, state, rank, preview, output, code, request: { seed, prompt } }: Job) => ({
      ...{ job, state, rank, preview, output, code, seed, prompt },
    });
    expect(state.jobs.map(knows)).toEqual(last.jobs.map(knows));
  });
});
