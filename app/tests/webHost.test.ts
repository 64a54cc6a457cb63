import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as ask, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startWebHost, type WebHost } from '../web/server.ts';
import { type Fake, fake, png } from './fake.ts';

let behind: Fake;
let host: WebHost;
let cookie = '';
const folder = mkdtempSync(join(tmpdir(), 'artifex-test-'));
const ui = join(folder, 'ui');

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A request as raw as it can be made: nothing is normalised on its way. */
function send(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { Host: `127.0.0.1:${host.port}`, ...options.headers };
    const out = ask(
      { host: '127.0.0.1', port: host.port, path, method: options.method ?? 'GET', headers },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          body += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      },
    );
    out.on('error', reject);
    out.end(options.body);
  });
}

const origin = (): string => `http://127.0.0.1:${host.port}`;
const mine = (): Record<string, string> => ({ Cookie: cookie });

function dial(headers: Record<string, string>): Promise<WebSocket | number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/socket`, { headers });
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_, answer) => resolve(answer.statusCode ?? 0));
    socket.once('error', () => {});
  });
}

const say = (socket: WebSocket, message: unknown): Promise<Record<string, unknown>> =>
  new Promise((resolve) => {
    const hear = (data: Buffer): void => {
      const frame = JSON.parse(data.toString()) as Record<string, unknown>;
      if ('event' in frame) return;
      socket.off('message', hear);
      resolve(frame);
    };
    socket.on('message', hear);
    socket.send(JSON.stringify(message));
  });

beforeAll(async () => {
  mkdirSync(ui);
  writeFileSync(join(ui, 'index.html'), '<!doctype html><title>Artifex</title>');
  writeFileSync(join(folder, 'secret.json'), '{"secret": true}');
  if (process.platform !== 'win32') symlinkSync(join(folder, 'secret.json'), join(ui, 'link.json'));
  writeFileSync(join(folder, 'video.mp4'), '0123456789');
  behind = fake({ FAKE_VIDEO: join(folder, 'video.mp4') });
  await behind.core.start();
  host = await startWebHost(behind.core, ui);
  const swapped = await send(new URL(host.address).pathname + new URL(host.address).search);
  cookie = swapped.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
});

afterAll(async () => {
  await host.close();
  await behind.end();
  rmSync(folder, { recursive: true });
});

test('the printed address is swapped for a cookie that scripts and other sites cannot use', async () => {
  const answer = await send(new URL(host.address).pathname + new URL(host.address).search);
  expect(answer.status).toBe(303);
  expect(answer.headers.location).toBe('/');
  expect(answer.headers['set-cookie']?.[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
  expect((await send('/', { headers: mine() })).body).toContain('Artifex');
});

test('without a cookie nothing is served', async () => {
  for (const path of ['/', '/index.html', '/media/x', '/upload']) expect((await send(path)).status).toBe(401);
});

test('a wrong or half token is refused', async () => {
  const { token = '' } = Object.fromEntries(new URL(host.address).searchParams);
  for (const wrong of ['', 'x', token.slice(1), `${token}x`]) {
    expect((await send(`/?token=${wrong}`, { headers: mine() })).status).toBe(403);
  }
});

test('a cookie of another port, or another value, is none', async () => {
  const [name = '', value = ''] = cookie.split('=');
  for (const other of [`${name}=x${value}`, `artifex-1=${value}`, `${name}x=${value}`, value]) {
    expect((await send('/', { headers: { Cookie: other } })).status).toBe(401);
  }
});

test('a name that only points here is refused, token or not', async () => {
  const search = new URL(host.address).search;
  for (const name of ['localhost', 'evil.example', `127.0.0.1:${host.port}.evil.example`, '127.0.0.1']) {
    expect((await send('/', { headers: { ...mine(), Host: name } })).status).toBe(421);
    expect((await send(`/${search}`, { headers: { Host: name } })).status).toBe(421);
  }
});

test('every answer, refusals too, forbids what a page must not do', async () => {
  for (const answer of [
    await send('/', { headers: mine() }),
    await send('/'),
    await send('/nothing.js', { headers: mine() }),
  ]) {
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers['referrer-policy']).toBe('no-referrer');
    expect(answer.headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin');
  }
});

test('no path leads out of the page’s folder', async () => {
  const paths = ['/../secret.json', '/..%2fsecret.json', '/%2e%2e/secret.json', '/x/../../secret.json'];
  paths.push('/..\\secret.json', '/..%5csecret.json', '/%00.json', '/link.json', '/C:/x.json', '//evil.example/x.json');
  for (const path of paths) {
    const { status, body } = await send(path, { headers: mine() });
    expect([400, 404], path).toContain(status);
    expect(body, path).not.toContain('secret');
  }
});

test('a video is sent whole, in parts, and not beyond its end', async () => {
  await behind.core.call('generate', { request: { prompt: 'a lake', steps: 1 } });
  const done = await behind.until((event) => event.type === 'progress' && event.progress.state === 'done');
  const id = done.type === 'progress' ? done.progress.output : null;
  expect(await send(`/media/${id}`, { headers: mine() })).toMatchObject({ status: 200, body: '0123456789' });
  const part = await send(`/media/${id}`, { headers: { ...mine(), Range: 'bytes=2-5' } });
  expect(part).toMatchObject({ status: 206, body: '2345' });
  expect(part.headers['content-range']).toBe('bytes 2-5/10');
  expect((await send(`/media/${id}`, { headers: { ...mine(), Range: 'bytes=10-' } })).status).toBe(416);
  expect((await send(`/media/${id}`, { method: 'HEAD', headers: mine() })).body).toBe('');
});

test('media is named by id alone', async () => {
  for (const id of ['nothing', '..%2fsecret.json', '%2fetc%2fpasswd', '__proto__']) {
    expect((await send(`/media/${id}`, { headers: mine() })).status).toBe(404);
  }
});

test('a picture is taken from our own page only', async () => {
  const post = (headers: Record<string, string>) => send('/upload', { method: 'POST', headers, body: png() });
  expect(JSON.parse((await post({ ...mine(), Origin: origin() })).body)).toMatchObject({ result: { width: 4 } });
  expect((await post(mine())).status).toBe(403);
  expect((await post({ ...mine(), Origin: 'http://evil.example' })).status).toBe(403);
  expect((await post({ ...mine(), Origin: `http://127.0.0.1:${host.port + 1}` })).status).toBe(403);
  expect((await post({ ...mine(), Origin: 'null' })).status).toBe(403);
  expect((await post({ Origin: origin() })).status).toBe(401);
});

test('what is no picture is refused in words', async () => {
  const headers = { ...mine(), Origin: origin() };
  const answer = await send('/upload', { method: 'POST', headers, body: Buffer.from('<svg/>') });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body)).toMatchObject({ failure: { code: 'INPUT_BAD_IMAGE' } });
});

test('more than 64 MiB is refused before it is taken in', async () => {
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(host.port, '127.0.0.1', () => {
      socket.write(
        `POST /upload HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nOrigin: ${origin()}\r\nCookie: ${cookie}\r\nContent-Length: ${64 * 1024 * 1024 + 1}\r\n\r\n`,
      );
    });
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
  });
  expect(answer).toMatch(/^HTTP\/1\.1 413/);
});

test('only GET, HEAD and the upload are answered', async () => {
  for (const method of ['PUT', 'DELETE', 'POST', 'OPTIONS']) {
    expect((await send('/', { method, headers: { ...mine(), Origin: origin() } })).status).toBe(405);
  }
});

test('a socket is opened for our own page only', async () => {
  expect(await dial(mine())).toBe(403);
  expect(await dial({ Origin: origin() })).toBe(401);
  expect(await dial({ ...mine(), Origin: 'http://evil.example' })).toBe(403);
  expect(await dial({ ...mine(), Origin: `http://127.0.0.1:${host.port + 1}` })).toBe(403);
  expect(await dial({ ...mine(), Origin: origin(), Host: 'evil.example' })).toBe(421);
  const socket = await dial({ ...mine(), Origin: origin() });
  expect(socket).toBeInstanceOf(WebSocket);
  if (socket instanceof WebSocket) socket.terminate();
});

test('only the verbs of the contract are answered, with just their parameters', async () => {
  const socket = await dial({ ...mine(), Origin: origin() });
  if (!(socket instanceof WebSocket)) throw new Error(`refused with ${socket}`);
  for (const method of ['__proto__', 'constructor', 'toString', 'hello', 'shutdown', 'media', 'store_input']) {
    expect(await say(socket, { id: 1, method, params: {} })).toMatchObject({ failure: { code: 'UNKNOWN_OP' } });
  }
  const refused = async (request: Record<string, unknown>) =>
    say(socket, { id: 2, method: 'generate', params: { request } });
  expect(await refused({ prompt: 'x', out: '/tmp/x.mp4' })).toMatchObject({ failure: { code: 'BAD_REQUEST' } });
  expect(await refused({ prompt: 'x', image: '/etc/passwd' })).toMatchObject({
    failure: { code: 'BAD_REQUEST', field: '$.request.image' },
  });
  for (const path of ['\\\\server\\share', '//server/share', '\\\\?\\C:\\x', 'relative', '/a\nb']) {
    expect(await say(socket, { id: 3, method: 'add_model', params: { path } })).toMatchObject({
      failure: { code: 'BAD_REQUEST', field: '$.path' },
    });
  }
  expect(await say(socket, { id: 4, method: 'snapshot', params: {} })).toMatchObject({
    result: { models: [{ id: 'wan-mini' }] },
  });
  socket.terminate();
});

test('what is no call ends the socket, and nothing else', async () => {
  for (const message of ['nonsense', '[]', '{"id":1}', '{"id":1,"method":"snapshot","params":{},"more":1}']) {
    const socket = await dial({ ...mine(), Origin: origin() });
    if (!(socket instanceof WebSocket)) throw new Error(`refused with ${socket}`);
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.send(message);
    expect(await closed).toBe(1008);
  }
  expect((await behind.core.call('snapshot', {})).models).toHaveLength(1);
});
