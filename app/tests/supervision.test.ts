import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { AppEvent } from '../contract/event.ts';
import { Core } from '../core/core.ts';
import { type Fake, fake, lives, PATIENTLY, png } from './fake.ts';

let now: Fake | null = null;
const begin = (...args: Parameters<typeof fake>): Fake => {
  now = fake(...args);
  return now;
};
afterEach(async () => {
  await now?.end();
  now = null;
});

const sidecarIs = (state: string) => (event: AppEvent) => event.type === 'sidecar' && event.sidecar.state === state;
const jobIs = (state: string) => (event: AppEvent) => event.type === 'progress' && event.progress.state === state;

const pidOf = (core: Core): number => {
  if (core.sidecarPid === undefined) throw new Error('no process');
  return core.sidecarPid;
};

test('a request walks down, and its news comes up in order', async () => {
  const { core, events, until } = begin();
  await core.start();
  const { job } = await core.call('generate', { request: { prompt: '호수', seed: '9223372036854775807' } });
  await until(jobIs('done'));
  const told = events.flatMap((event) => (event.type === 'progress' ? [event.progress] : []));
  expect(told.map((one) => one.seq)).toEqual(told.map((_, index) => index + 1));
  expect(new Set(told.map((one) => one.job))).toEqual(new Set([job]));
  expect(told.at(-1)).toMatchObject({ state: 'done', seed: '9223372036854775807' });
});

test('a picture goes in by content and leaves nothing behind on the way', async () => {
  const { core, home } = begin();
  await core.start();
  expect(await core.upload(png())).toMatchObject({ width: 4, height: 3, type: 'image/png' });
  await expect(core.upload(Buffer.from('<svg/>'))).rejects.toMatchObject({ failure: { code: 'INPUT_BAD_IMAGE' } });
  expect(readdirSync(join(home, 'incoming'))).toEqual([]);
});

test('a refusal keeps its words, its field and what another language needs', async () => {
  const { core } = begin();
  await core.start();
  await expect(core.call('generate', { request: { prompt: 'x', frames: 24 } })).rejects.toMatchObject({
    failure: {
      code: 'BAD_REQUEST',
      field: '$.request.frames',
      hint: 'The nearest are 21 and 25.',
      case: 'frames_step',
      values: { step: 4, given: 24, low: 21, high: 25 },
    },
  });
  await expect(core.answer('add_model', { path: 'here' })).rejects.toMatchObject({
    failure: { case: 'path_relative' },
  });
});

test('what a person likes is kept, and told to the next window', async () => {
  const { core } = begin();
  await core.start();
  await core.call('prefer', { preferences: { language: 'ko' } });
  expect((await core.call('snapshot', {})).preferences).toMatchObject({ language: 'ko', theme: null });
});

test('a sidecar that dies is started again, and says how it died', async () => {
  const { core, until } = begin({}, { backoff: 10 });
  await core.start();
  await expect(core.call('generate', { request: { prompt: 'CRASH' } })).rejects.toThrow('exit code 9');
  expect(await until(sidecarIs('restarting'))).toMatchObject({
    sidecar: { why: { code: 'ENGINE_CRASHED', case: 'sidecar_exit', values: { code: 9 } }, tail: [] },
  });
  await expect.poll(() => core.sidecar, PATIENTLY).toEqual({ state: 'ready', why: null, tail: [] });
  expect((await core.call('snapshot', {})).jobs).toEqual([]);
});

test('one that is killed from outside is started again too', async () => {
  const { core, until } = begin({}, { backoff: 10 });
  await core.start();
  const pid = pidOf(core);
  process.kill(pid, 'SIGKILL');
  expect(await until(sidecarIs('restarting'))).toMatchObject({
    sidecar: { why: { case: 'sidecar_signal', values: { signal: 'SIGKILL' } } },
  });
  await expect.poll(() => core.sidecar.state, PATIENTLY).toBe('ready');
  expect(core.sidecarPid).not.toBe(pid);
});

test('one that hangs is noticed by its silence, ended, and started again', async () => {
  const { core, until } = begin({}, { backoff: 10, beat: 25, silence: 400 });
  await core.start();
  const pid = pidOf(core);
  await expect(core.call('generate', { request: { prompt: 'HANG' } })).rejects.toMatchObject({
    failure: { code: 'ENGINE_HUNG', case: 'sidecar_silent', values: { seconds: 0.4 } },
  });
  expect(await until(sidecarIs('restarting'))).toMatchObject({ sidecar: { why: { code: 'ENGINE_HUNG' } } });
  await expect.poll(() => core.sidecar.state, PATIENTLY).toBe('ready');
  expect(lives(pid)).toBe(false);
});

test('one that answers its pings may have nothing else to say for as long as it likes', async () => {
  const { core, events } = begin({}, { beat: 25, silence: 200 });
  await core.start();
  const pid = core.sidecarPid;
  await new Promise((done) => setTimeout(done, 700));
  expect(core.sidecarPid).toBe(pid);
  expect(events.filter(sidecarIs('restarting'))).toEqual([]);
});

test('a slow start is waited for while there is any sign of life, and no longer', async () => {
  const slow = begin({ FAKE_SLOW_START: '1000' }, { beat: 50, start: 700 });
  await slow.core.start();
  await slow.end();
  const mute = begin({ FAKE_MUTE: '1' }, { beat: 50, start: 500, restarts: 0 });
  await expect(mute.core.start()).rejects.toMatchObject({ failure: { code: 'ENGINE_HUNG', values: { seconds: 0.5 } } });
  await expect.poll(() => mute.core.sidecar.state, PATIENTLY).toBe('failed');
});

test('one that cannot live is given up after three more tries, with its last words; a person may try again', async () => {
  const { core, events, until } = begin({ FAKE_BROKEN: '1' }, { backoff: 1 });
  await expect(core.start()).rejects.toThrow('exit code 3');
  await until(sidecarIs('failed'));
  expect(core.sidecar).toMatchObject({ why: { code: 'ENGINE_CRASHED', values: { code: 3 } } });
  expect(core.sidecar.tail.at(-1)).toContain('nothing works today');
  expect(events.filter(sidecarIs('restarting'))).toHaveLength(3);
  await expect(core.call('snapshot', {})).rejects.toMatchObject({ failure: { case: 'sidecar_given_up' } });
  await expect(core.call('restart', {})).rejects.toThrow('exit code 3');
  await expect.poll(() => events.filter(sidecarIs('failed')), PATIENTLY).toHaveLength(2);
});

test('one that lives but refuses to work is not tried again: its own words say why', async () => {
  const { core, events } = begin({ FAKE_BUSY: '1' });
  await expect(core.start()).rejects.toMatchObject({ failure: { code: 'BUSY' } });
  expect(core.sidecar).toMatchObject({ state: 'failed', why: { code: 'BUSY', hint: 'Close it.' } });
  expect(events.filter(sidecarIs('restarting'))).toEqual([]);
});

test('a Python that is not there is said in words, not thrown from below', async () => {
  const core = new Core({ file: '/nowhere/at/python', args: [], cwd: '/', env: {} }, { restarts: 0 });
  await expect(core.start()).rejects.toMatchObject({ failure: { code: 'PYTHON_MISSING' } });
  await expect
    .poll(() => core.sidecar)
    .toMatchObject({
      state: 'failed',
      why: { case: 'python_missing', values: { path: '…/python', reason: 'ENOENT' } },
    });
  await core.stop();
});

test('stopping leaves no process', async () => {
  const { core } = begin();
  await core.start();
  const pid = pidOf(core);
  await core.stop();
  expect(lives(pid)).toBe(false);
});

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

test('one that will not listen is ended with everything it started', async (context) => {
  context.skip(process.platform !== 'linux', 'its children are read from /proc');
  const { core } = begin({ FAKE_DEAF: '1' });
  await core.start();
  const pid = pidOf(core);
  const children = childrenOf(pid);
  expect(children).toHaveLength(1);
  await core.stop();
  expect(lives(pid)).toBe(false);
  for (const child of children) await expect.poll(() => lives(child), PATIENTLY).toBe(false);
});

test('a child that holds its pipes does not hide its death for long, and is ended too', async (context) => {
  context.skip(process.platform !== 'linux', 'its children are read from /proc');
  const { core, until } = begin({ FAKE_DEAF: '1' }, { backoff: 60_000 });
  await core.start();
  const pid = pidOf(core);
  const [child = 0] = childrenOf(pid);
  process.kill(pid, 'SIGKILL');
  const began = performance.now();
  await until(sidecarIs('restarting'));
  expect(performance.now() - began).toBeLessThan(4000);
  await expect.poll(() => lives(child), PATIENTLY).toBe(false);
});

test('when the host is gone, the sidecar goes', async () => {
  const { home } = begin();
  const script = fileURLToPath(new URL('./fakeSidecar.mjs', import.meta.url));
  const host = spawn(
    process.execPath,
    [
      '-e',
      `const c = require('child_process').spawn(process.execPath, ['${script}'], { detached: true }); c.stdout.once('data', () => {}); console.log(c.pid); setInterval(() => {}, 1000)`,
    ],
    { env: { ...process.env, ARTIFEX_HOME: home } },
  );
  const pid = await new Promise<number>((resolve) => host.stdout.once('data', (data) => resolve(Number(data))));
  await expect.poll(() => lives(pid), PATIENTLY).toBe(true);
  host.kill('SIGKILL');
  await expect.poll(() => lives(pid), PATIENTLY).toBe(false);
});
