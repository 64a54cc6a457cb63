import { expect, test } from 'vitest';
import type { Download } from '../contract/download.ts';
import type { LogLine } from '../contract/event.ts';
import { fraction } from '../contract/fraction.ts';
import type { Job, Progress } from '../contract/job.ts';
import type { Snapshot } from '../contract/method.ts';
import { first, next, pendingOf, type State, type StateEvent, waitingOf } from '../renderer/state/next.ts';
import { lake } from './lake.ts';

const job = (name: string, more: Partial<Job> = {}): Job => ({
  job: name,
  state: 'queued',
  rank: 1,
  phase: null,
  step: null,
  steps: null,
  eta_s: null,
  elapsed_s: null,
  preview: null,
  output: null,
  seconds: null,
  code: null,
  message: null,
  hint: null,
  case: null,
  values: {},
  created: '2026-01-02T03:04:05+00:00',
  request: lake,
  ...more,
});

const news = (seq: number, name: string, more: Partial<Progress> = {}): StateEvent => {
  const { request: _request, created: _created, ...face } = job(name);
  return { type: 'progress', progress: { ...face, seed: null, ...more, seq } };
};

const snapshot = (seq: number, ...jobs: Job[]): StateEvent => ({
  type: 'snapshot',
  snapshot: {
    seq,
    jobs,
    paused: false,
    models: [],
    engine: { state: 'ready', device: 'CPU' },
    preferences: { language: null, theme: null, vram_gib: null, contrast: null, notices: null, greeted: null },
    download: null,
    sidecar: { state: 'ready', why: null, tail: [] },
    log: [],
  } satisfies Snapshot,
});

const download = (n: number, more: Partial<Download> = {}): Download => ({
  n,
  what: 'download',
  offer: 'wan',
  name: 'Wan',
  path: '…/Wan',
  state: 'fetching',
  file: null,
  bytes: n,
  whole: 100,
  speed: null,
  eta_s: null,
  model: null,
  trouble: null,
  ...more,
});

const after = (...events: StateEvent[]): State => events.reduce(next, first);

test('a snapshot is the truth, and news in order changes it', () => {
  const state = after(snapshot(4, job('a')), news(5, 'a', { state: 'running', phase: 'denoise', step: 3, steps: 20 }));
  expect(state.synced).toBe(true);
  expect(state.seq).toBe(5);
  expect(state.jobs[0]).toMatchObject({ state: 'running', phase: 'denoise', step: 3 });
});

test('old news is not told twice', () => {
  const state = after(snapshot(5, job('a', { state: 'done' })), news(5, 'a', { state: 'running' }));
  expect(state.jobs[0]?.state).toBe('done');
});

test('a gap in the numbers asks for a new snapshot', () => {
  expect(after(snapshot(5, job('a')), news(7, 'a')).synced).toBe(false);
});

test('news of a job nobody has heard of asks for a new snapshot', () => {
  expect(after(snapshot(5, job('a')), news(6, 'b')).synced).toBe(false);
});

test('a job that was moved waits at its new place, whatever came before it when it was asked for', () => {
  const jobs = [job('a'), job('b', { rank: 2 }), job('c', { rank: 3 }), job('d', { rank: 0, state: 'cancelled' })];
  const state = after(snapshot(0, ...jobs), news(1, 'c', { rank: 0.5 }));
  expect(waitingOf(state.jobs).map((one) => one.job)).toEqual(['c', 'a', 'b']);
  expect(pendingOf(state.jobs)?.job).toBe('c');
  expect(pendingOf(next(state, news(2, 'b', { rank: 2, state: 'running' })).jobs)?.job).toBe('b');
  expect(state.jobs.map((one) => one.job)).toEqual(['a', 'b', 'c', 'd']);
});

test('a job that was changed leaves a gap, and the snapshot that it asks for has the new words', () => {
  const before = after(snapshot(5, job('a')), news(7, 'a'));
  expect(before.synced).toBe(false);
  const changed = job('a', { request: { ...job('a').request, prompt: 'a boat' } });
  const state = next(before, snapshot(7, changed));
  expect([state.synced, state.jobs[0]?.request.prompt]).toEqual([true, 'a boat']);
});

test('a pause that another window asked for is seen here, too', () => {
  const state = after(snapshot(0), { type: 'paused', paused: true });
  expect([state.paused, next(state, snapshot(0)).paused]).toEqual([true, false]);
});

test('news that overtakes a snapshot waits for it and is applied once', () => {
  const state = after(news(5, 'a', { state: 'running' }), news(6, 'a', { state: 'done' }), snapshot(5, job('a')));
  expect(state).toMatchObject({ synced: true, seq: 6, early: [] });
  expect(state.jobs[0]?.state).toBe('done');
});

test('a sidecar that starts anew counts from one again', () => {
  const state = after(
    snapshot(90, job('a')),
    { type: 'sidecar', sidecar: { state: 'restarting', why: null, tail: [] } },
    news(1, 'a', { state: 'interrupted' }),
    snapshot(0, job('a')),
  );
  expect(state).toMatchObject({ synced: true, seq: 1 });
  expect(state.jobs[0]?.state).toBe('interrupted');
});

test('the seed that was drawn is the one that is shown', () => {
  const state = after(snapshot(0, job('a')), news(1, 'a', { state: 'done', seed: '9223372036854775807' }));
  expect(state.jobs[0]?.request.seed).toBe('9223372036854775807');
});

test('after its first video, what the engine runs on is asked for', () => {
  const before = after(snapshot(0, job('a')));
  const unknown: State = { ...before, engine: { state: 'starting', device: null } };
  expect(next(unknown, news(1, 'a', { state: 'done' })).synced).toBe(false);
  expect(next(before, news(1, 'a', { state: 'done' })).synced).toBe(true);
});

test('a lost connection keeps what is on the screen and asks again when it is back', () => {
  const state = after(snapshot(5, job('a')), { type: 'link', link: 'reconnecting' });
  expect(state.jobs).toHaveLength(1);
  expect(state.synced).toBe(false);
});

test('a bar in the log is replaced by its next drawing', () => {
  const line = (n: number, text: string, transient: boolean) => ({ n, level: 'plain' as const, text, transient });
  const batch = (...lines: LogLine[]): StateEvent => ({ type: 'log', lines });
  const twice = line(2, '20%', true);
  const state = after(batch(line(1, '10%', true), twice), batch(twice, line(3, 'done', false)));
  expect(state.log.map((one) => one.text)).toEqual(['done']);
});

test('the log keeps its last thousand lines, however they come', () => {
  const lines = Array.from({ length: 2500 }, (_, n) => ({
    n: n + 1,
    level: 'info' as const,
    text: String(n),
    transient: false,
  }));
  const { log } = after({ type: 'log', lines: lines.slice(0, 900) }, { type: 'log', lines: lines.slice(900) });
  expect([log.length, log[0]?.n, log.at(-1)?.n]).toEqual([1000, 1501, 2500]);
});

test('a job halfway through denoising shows about half, and never goes back', () => {
  const at = (phase: Job['phase'], step: number, steps: number): number =>
    fraction(job('a', { state: 'running', phase, step, steps }));
  const way = [at('load', 0, 1), at('load', 1, 1), at('text', 1, 1), at('denoise', 0, 20), at('denoise', 10, 20)];
  way.push(at('denoise', 20, 20), at('decode', 0, 5), at('decode', 5, 5), at('write', 1, 1));
  expect(way).toEqual([...way].sort((a, b) => a - b));
  expect(at('denoise', 10, 20)).toBeGreaterThan(0.4);
  expect(at('denoise', 10, 20)).toBeLessThan(0.6);
  expect(at('write', 1, 1)).toBeCloseTo(1);
});

test('of two tellings of a download the newer one stays, whichever came first', () => {
  const heard = (n: number): StateEvent => ({ type: 'download', download: download(n) });
  expect(after(snapshot(0), heard(2), heard(1)).download?.bytes).toBe(2);
  expect(after(heard(2), snapshot(0)).download?.bytes).toBe(2);
  const restarted: StateEvent = { type: 'sidecar', sidecar: { state: 'restarting', why: null, tail: [] } };
  expect(after(snapshot(0), heard(9), restarted).download?.bytes).toBe(9);
  expect(after(snapshot(0), heard(9), restarted, heard(1)).download?.bytes).toBe(1);
  expect(after(snapshot(0), heard(9), restarted, snapshot(0)).download).toBe(null);
});

test('a download that is done asks for the models anew, once', () => {
  const done: StateEvent = { type: 'download', download: download(3, { state: 'done', model: 'wan' }) };
  expect(after(snapshot(0), done).synced).toBe(false);
  expect(after(snapshot(0), done, snapshot(0), done).synced).toBe(true);
});

test('the models that are left are the models', () => {
  expect(after(snapshot(0), { type: 'models', models: [] }).models).toEqual([]);
});

test('a video that was thrown away leaves the strip, and one that is taken back is asked for', () => {
  const state = after(snapshot(0, job('a'), job('b')), { type: 'trashed', job: 'a' });
  expect([state.synced, state.jobs.map((one) => one.job)]).toEqual([true, ['b']]);
  const { request, created, elapsed_s, seconds } = job('a');
  const entry = { job: 'a', output: 'v', request, created, elapsed_s, seconds, favourite: false, missing: false };
  expect(next(state, { type: 'restored', entry }).synced).toBe(false);
});
