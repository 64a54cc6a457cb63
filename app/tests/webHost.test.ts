import { afterAll, beforeAll, expect, test } from 'vitest';
import { Restored } from '../contract/restored.ts';
import { type BrowserHost, browserHost, say } from './browserHost.ts';
import { PATIENTLY, png } from './fake.ts';

let web: BrowserHost;
beforeAll(async () => {
  web = await browserHost();
});
afterAll(() => web.end());

const printed = (): string => {
  const { pathname, search } = new URL(web.host.address);
  return pathname + search;
};

test('the printed address is swapped at once for a cookie that scripts and other sites cannot use', async () => {
  const answer = await web.send(printed());
  expect(answer.status).toBe(303);
  expect(answer.headers.location).toBe('/');
  expect(answer.headers['set-cookie']?.[0]).toMatch(/^artifex-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  expect(answer.headers['referrer-policy']).toBe('no-referrer');
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.body).toBe('');
  expect((await web.send('/', { headers: web.mine })).body).toContain('Artifex');
});

test('the printed address works as long as the app runs, for a second browser too', async () => {
  const again = await web.send(printed());
  expect(again.status).toBe(303);
  expect(again.headers['set-cookie']?.[0]).toContain(web.cookie);
});

test('a video is sent whole, in parts, and not beyond its end', async () => {
  await web.behind.core.call('generate', { request: { prompt: 'a lake', steps: 1 } });
  const done = await web.behind.until((event) => event.type === 'progress' && event.progress.state === 'done');
  const id = done.type === 'progress' ? done.progress.output : null;
  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    web.send(`/media/${id}`, { method, headers: { ...web.mine, ...headers } });
  expect(await get()).toMatchObject({ status: 200, body: '0123456789' });
  const part = await get({ Range: 'bytes=2-5' });
  expect(part).toMatchObject({ status: 206, body: '2345' });
  expect(part.headers['content-range']).toBe('bytes 2-5/10');
  expect((await get({ Range: 'bytes=10-' })).status).toBe(416);
  expect((await get({}, 'HEAD')).body).toBe('');
});

test('a picture is taken by its content', async () => {
  const answer = await web.send('/upload', { method: 'POST', headers: web.ours, body: png() });
  expect(JSON.parse(answer.body)).toMatchObject({ result: { width: 4, height: 3 } });
});

test('what is no picture is refused in words', async () => {
  const answer = await web.send('/upload', { method: 'POST', headers: web.ours, body: Buffer.from('<svg/>') });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body)).toMatchObject({ failure: { code: 'INPUT_BAD_IMAGE' } });
});

test('a video’s settings are read from its head, and no place is told', async () => {
  const send = (body: Buffer) => web.send('/read_video', { method: 'POST', headers: web.ours, body });
  const answer = await send(Buffer.from('\0\0\0\bftyp'));
  const { result } = JSON.parse(answer.body) as { result: unknown };
  expect(Restored.parse(result)).toMatchObject({ request: { prompt: '호수', seed: '7' }, model: 'wan-mini' });
  const refused = await send(Buffer.from('words'));
  expect(refused.status).toBe(400);
  expect(JSON.parse(refused.body)).toMatchObject({ failure: { code: 'INPUT_BAD_VIDEO', case: 'not_a_video' } });
});

test('a window is told how the sidecar is, then everything that happens, and is answered', async () => {
  const socket = await web.window();
  const frames: Record<string, unknown>[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())));
  expect(await say(socket, { id: 4, method: 'snapshot', params: {} })).toMatchObject({
    id: 4,
    result: { models: [{ id: 'wan-mini' }], sidecar: { state: 'ready' } },
  });
  await say(socket, { id: 5, method: 'generate', params: { request: { prompt: 'a lake', steps: 1 } } });
  const states = () => frames.map((frame) => (frame.event as { progress?: { state: string } })?.progress?.state);
  await expect.poll(states, PATIENTLY).toEqual(expect.arrayContaining(['queued', 'running', 'done']));
  socket.terminate();
});
