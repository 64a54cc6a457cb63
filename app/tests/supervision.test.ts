import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { AppEvent } from '../contract/event.ts';
import { type Fake, fake, lives, png } from './fake.ts';

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

test('no path ever comes up', async () => {
  const { core, events, home, until } = begin();
  await core.start();
  await core.call('generate', { request: { prompt: 'a lake' } });
  await until(jobIs('done'));
  const { input } = { input: await core.upload(png()) };
  const seen = JSON.stringify([events, await core.call('snapshot', {}), input]);
  expect(seen).not.toContain(home);
  expect(seen).not.toContain('/must/not/be/seen');
});

test('a picture goes in by content and leaves nothing behind on the way', async () => {
  const { core, home } = begin();
  await core.start();
  expect(await core.upload(png())).toMatchObject({ width: 4, height: 3, type: 'image/png' });
  await expect(core.upload(Buffer.from('<svg/>'))).rejects.toMatchObject({ failure: { code: 'INPUT_BAD_IMAGE' } });
  expect(readdirSync(join(home, 'incoming'))).toEqual([]);
});

test('a refusal keeps its words and its field', async () => {
  const { core } = begin();
  await core.start();
  await expect(core.call('generate', { request: { prompt: 'x', frames: 24 } })).rejects.toMatchObject({
    failure: { code: 'BAD_REQUEST', field: '$.request.frames', hint: 'The nearest are 21 and 25.' },
  });
});

test('a sidecar that dies is started again, and says how it died', async () => {
  const { core, until } = begin({}, { backoff: 10 });
  await core.start();
  await expect(core.call('generate', { request: { prompt: 'CRASH' } })).rejects.toThrow('exit code 9');
  expect(await until(sidecarIs('restarting'))).toMatchObject({
    sidecar: { message: expect.stringContaining('exit code 9') },
  });
  await expect.poll(() => core.sidecar.state).toBe('ready');
  expect((await core.call('snapshot', {})).jobs).toEqual([]);
});

test('one that is killed from outside is started again too', async () => {
  const { core, until } = begin({}, { backoff: 10 });
  await core.start();
  const pid = core.sidecarPid;
  if (pid === undefined) throw new Error('no process');
  process.kill(pid, 'SIGKILL');
  expect(await until(sidecarIs('restarting'))).toMatchObject({
    sidecar: { message: expect.stringContaining('SIGKILL') },
  });
  await expect.poll(() => core.sidecar.state).toBe('ready');
  expect(core.sidecarPid).not.toBe(pid);
});

test('one that cannot live is given up after three more tries, with its last words', async () => {
  const { core, events, until } = begin({ FAKE_BROKEN: '1' }, { backoff: 1 });
  await expect(core.start()).rejects.toThrow('exit code 3');
  const given = await until(sidecarIs('failed'));
  expect(given).toMatchObject({ sidecar: { message: expect.stringContaining('nothing works today') } });
  expect(events.filter(sidecarIs('restarting'))).toHaveLength(3);
  await expect(core.call('snapshot', {})).rejects.toMatchObject({ failure: { code: 'ENGINE_CRASHED' } });
});

test('a Python that is not there is said in words, not thrown from below', async () => {
  const { Core } = await import('../core/core.ts');
  const core = new Core({ file: '/nowhere/python', args: [], cwd: '/', env: {} }, { restarts: 0 });
  await expect(core.start()).rejects.toThrow('ENOENT');
  expect(core.sidecar.state).toBe('failed');
  await core.stop();
});

test('stopping leaves no process', async () => {
  const { core } = begin();
  await core.start();
  const pid = core.sidecarPid ?? 0;
  await core.stop();
  expect(lives(pid)).toBe(false);
});

test('one that will not listen is ended with everything it started', async (context) => {
  context.skip(process.platform !== 'linux', 'its children are read from /proc');
  const { core } = begin({ FAKE_DEAF: '1' });
  await core.start();
  const pid = core.sidecarPid ?? 0;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  expect(children).toHaveLength(1);
  await core.stop();
  expect(lives(pid)).toBe(false);
  for (const child of children) await expect.poll(() => lives(child)).toBe(false);
});

test('when the host is gone, the sidecar goes', async () => {
  const { spawn } = await import('node:child_process');
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
  await expect.poll(() => lives(pid)).toBe(true);
  host.kill('SIGKILL');
  await expect.poll(() => lives(pid), { timeout: 5000 }).toBe(false);
});
