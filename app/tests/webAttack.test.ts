import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { methods } from '../contract/method.ts';
import { type BrowserHost, browserHost, say } from './browserHost.ts';
import { lives, png } from './fake.ts';

let web: BrowserHost;
beforeAll(async () => {
  web = await browserHost({}, { arrival: 600, headers: 300, windows: 3, upload: 100_000, message: 50_000 });
});
afterAll(() => web.end());

const refusedWindow = async (headers: Record<string, string>, path?: string): Promise<number> => {
  const socket = await web.dial(headers, path);
  if (typeof socket === 'number') return socket;
  socket.terminate();
  throw new Error('it was let in');
};

test('nobody outside this machine can reach it', async (context) => {
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');
  context.skip(outside.length === 0, 'this machine has no address but its own');
  for (const { address } of [...outside, { address: '127.0.0.2' }]) {
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect({ port: web.host.port, host: address, timeout: 1000 }, () => resolve(true));
      for (const end of ['error', 'timeout']) socket.on(end, () => resolve(false));
    });
    expect(reached, address).toBe(false);
  }
});

test('a name that only points here is refused, token, cookie or not', async () => {
  const { port } = web.host;
  const names = ['localhost', `localhost:${port}`, 'evil.example', `127.0.0.1:${port}.evil.example`, '127.0.0.1', ''];
  names.push(`127.0.0.1:${port + 1}`, `127.0.0.1.:${port}`, `[::1]:${port}`, `127.1:${port}`, `0.0.0.0:${port}`);
  names.push(`user@127.0.0.1:${port}`, `2130706433:${port}`, ` 127.0.0.1:${port} x`);
  for (const Host of names) {
    expect((await web.send('/', { headers: { ...web.mine, Host } })).status, Host).toBe(421);
    expect((await web.send(`/${new URL(web.host.address).search}`, { headers: { Host } })).status, Host).toBe(421);
    if (Host !== '') expect(await refusedWindow({ ...web.ours, Host }), Host).toBe(421);
  }
});

test('no name, or two, is refused', async () => {
  const name = `Host: 127.0.0.1:${web.host.port}`;
  const cookie = `Cookie: ${web.cookie}\r\nConnection: close`;
  expect(await web.raw(`GET / HTTP/1.1\r\n${cookie}\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 /);
  expect(await web.raw(`GET / HTTP/1.0\r\n${cookie}\r\n\r\n`)).toMatch(/^HTTP\/1.1 421 /);
  expect(await web.raw(`GET / HTTP/1.1\r\n${name}\r\nHost: evil.example\r\n${cookie}\r\n\r\n`)).toMatch(/^HTTP\/1.1 4/);
  expect(await web.raw(`GET / HTTP/1.1\r\nHost: evil.example\r\n${name}\r\n${cookie}\r\n\r\n`)).toMatch(/^HTTP\/1.1 4/);
  expect(await web.raw(`GET / HTTP/1.1\r\n${name}\r\n${cookie}\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /);
});

test('a page from anywhere else can neither send nor listen', async () => {
  const { port } = web.host;
  const origins = ['null', 'http://evil.example', `http://127.0.0.1:${port + 1}`, `http://localhost:${port}`];
  origins.push(`https://127.0.0.1:${port}`, `${web.origin}/`, `${web.origin}.evil.example`, 'file://', 'app://ui');
  for (const Origin of origins) {
    const headers = { ...web.mine, Origin };
    for (const path of ['/upload', '/read_video'])
      expect((await web.send(path, { method: 'POST', headers, body: png() })).status, Origin).toBe(403);
    expect((await web.send('/', { headers })).status, Origin).toBe(403);
    expect(await refusedWindow(headers), Origin).toBe(403);
  }
  expect((await web.send('/upload', { method: 'POST', headers: web.mine, body: png() })).status).toBe(403);
  expect(await refusedWindow(web.mine)).toBe(403);
  const twice = { ...web.mine, Origin: [web.origin, 'http://evil.example'] };
  expect((await web.send('/', { headers: twice })).status).toBe(403);
});

test('without the cookie nothing is served, and a wrong one is none', async () => {
  for (const path of ['/', '/index.html', '/media/x', '/upload', '/read_video', '/socket']) {
    expect((await web.send(path)).status, path).toBe(401);
  }
  expect((await web.send('/upload', { method: 'POST', headers: { Origin: web.origin }, body: png() })).status).toBe(
    401,
  );
  expect(await refusedWindow({ Origin: web.origin })).toBe(401);
  const [name = '', value = ''] = web.cookie.split('=');
  const others = [
    `${name}=x${value}`,
    `artifex-1=${value}`,
    `${name}x=${value}`,
    value,
    `${name}=`,
    `${name}=${value}x`,
  ];
  for (const Cookie of [...others, `${name.toUpperCase()}=${value}`, `a="${name}=${value}"`]) {
    expect((await web.send('/', { headers: { Cookie } })).status, Cookie).toBe(401);
    expect(await refusedWindow({ Origin: web.origin, Cookie }), Cookie).toBe(401);
  }
});

test('a wrong or half token is refused, cookie or not, and no token opens anything but the page', async () => {
  const token = new URL(web.host.address).searchParams.get('token') ?? '';
  const wrong = ['', 'x', token.slice(1), `${token}x`, token.toUpperCase(), `${token}%00`];
  for (const one of wrong) {
    expect((await web.send(`/?token=${one}`)).status, one).toBe(403);
    expect((await web.send(`/?token=${one}`, { headers: web.mine })).status, one).toBe(403);
  }
  expect((await web.send(`/index.html?token=${token}`)).status).toBe(401);
  expect((await web.send(`/media/x?token=${token}`)).status).toBe(401);
  expect(await refusedWindow({ Origin: web.origin }, `/socket?token=${token}`)).toBe(401);
  expect(await refusedWindow({ Origin: web.origin }, `/?token=${token}`)).toBe(403);
});

test('every answer, refusals too, forbids what a page must not do', async () => {
  const answers = [
    await web.send('/', { headers: web.mine }),
    await web.send('/'),
    await web.send(new URL(web.host.address).pathname + new URL(web.host.address).search),
    await web.send('/nothing.js', { headers: web.mine }),
    await web.send('/media/nothing', { headers: web.mine }),
    await web.send('/', { method: 'PUT', headers: web.ours }),
    await web.send('/', { headers: { Host: 'evil.example' } }),
    await web.send('/upload', { method: 'POST', headers: web.ours, body: Buffer.from('x') }),
  ].map(({ headers }) => headers as Record<string, string>);
  const bare = [
    await web.raw('nonsense\r\n\r\n'),
    await web.raw(web.head('GET', '/socket', 'Upgrade: x', 'Connection: upgrade'), /\r\n\r\n/),
  ];
  for (const text of bare) {
    answers.push(
      Object.fromEntries(
        [...text.matchAll(/^([\w-]+): (.*)\r$/gm)].map(([, name = '', value = '']) => [name.toLowerCase(), value]),
      ),
    );
  }
  for (const headers of answers) {
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|eval|\*|https?:/);
    expect(policy.match(/'sha256-/g)).toHaveLength(1);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    for (const name of Object.keys(headers)) expect(name).not.toMatch(/^access-control-/);
  }
});

test('no path leads out of the page’s folder, and only what a page is made of is served', async () => {
  const paths = ['/../secret.json', '/..%2fsecret.json', '/%2e%2e/secret.json', '/x/../../secret.json', '/notes.txt'];
  paths.push('/..\\secret.json', '/..%5csecret.json', '/%00.json', '/link.json', '/C:/x.json', '//evil.example/x.json');
  paths.push('/%252e%252e/secret.json', '/....//secret.json', '/index.html.', '/index.html%20', '/index.html::$DATA');
  paths.push('/%', '/%ff.json', '/\\\\server\\share\\x.json', '/con.json', `${web.folder}/secret.json`, '/.git/config');
  for (const path of paths) {
    const { status, body } = await web.send(path, { headers: web.mine });
    expect([400, 404], path).toContain(status);
    expect(body, path).not.toContain('secret');
  }
  for (const target of ['http://evil.example/', 'evil.example:80', '*', '?', '\\\\server\\x']) {
    expect(await web.raw(web.head('GET', target, 'Connection: close')), target).toMatch(/^HTTP\/1.1 400 /);
  }
});

test('media is named by id alone', async () => {
  const ids = ['nothing', '..%2fsecret.json', '../secret.json', '%2fetc%2fpasswd', '__proto__', 'constructor', 'NUL'];
  ids.push('', '%00', 'a%0ab', 'C:%5cx', '%5c%5cserver%5cshare', '한글', 'x'.repeat(81), 'a.mp4', 'a/b', 'a%20b');
  for (const id of ids) {
    expect((await web.send(`/media/${encodeURI(id).replaceAll('%25', '%')}`, { headers: web.mine })).status, id).toBe(
      404,
    );
  }
});

test('only GET, HEAD and the upload are answered; no other site is invited to ask first', async () => {
  for (const method of ['PUT', 'DELETE', 'POST', 'OPTIONS', 'TRACE', 'PATCH', 'PROPFIND']) {
    expect((await web.send('/', { method, headers: web.ours })).status, method).toBe(405);
  }
  const asked = { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Private-Network': 'true' };
  const preflight = await web.send('/upload', {
    method: 'OPTIONS',
    headers: { ...asked, Origin: 'http://evil.example' },
  });
  expect(preflight.status).toBe(403);
  expect(await web.raw(web.head('CONNECT', 'evil.example:443'))).toBe('');
});

test('what is no request, or two in one, is refused', async () => {
  const chunked = 'Transfer-Encoding: chunked';
  const smuggled = 'GET /index.html HTTP/1.1\r\n\r\n';
  const junk = [
    'nonsense\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'GET / HTTP/9.9\r\n\r\n',
    `${web.head('POST', '/upload', chunked, 'Content-Length: 5')}0\r\n\r\n${smuggled}`,
    `${web.head('POST', '/upload', 'Content-Length: 5', 'Content-Length: 6')}hello${smuggled}`,
    `${web.head('POST', '/upload', 'Transfer-Encoding: xchunked', chunked)}zz\r\n${smuggled}`,
    web.head('GET', '/', 'Bad Name: x'),
    web.head('GET', '/', 'X: a\rb'),
    web.head('GET', '/', 'X: a\0b'),
    web.head('GET', '/', ' folded: x'),
  ];
  for (const bytes of junk) {
    const heard = await web.raw(bytes);
    expect(heard, JSON.stringify(bytes)).toMatch(/^HTTP\/1.1 400 /);
    expect(heard.match(/HTTP\/1.1 /g), JSON.stringify(bytes)).toHaveLength(1);
  }
  expect(await web.raw(web.head('GET', '/', `X: ${'x'.repeat(20_000)}`))).toMatch(/^HTTP\/1.1 431 /);
});

test('more than may be uploaded is refused, whether it is announced or not', async () => {
  const head = (...lines: string[]) => web.head('POST', '/upload', ...lines);
  const large = Buffer.alloc(100_001);
  expect(await web.raw(head('Content-Length: 100001'))).toMatch(/^HTTP\/1.1 413 [\s\S]*upload_too_large/);
  const chunk = [head('Transfer-Encoding: chunked'), `${large.byteLength.toString(16)}\r\n`, large, '\r\n0\r\n\r\n'];
  expect(await web.raw(chunk)).toMatch(/^HTTP\/1.1 413 [\s\S]*upload_too_large/);
  const endless = [
    head('Transfer-Encoding: chunked'),
    ...Array.from({ length: 9 }, () => ['ffff\r\n', Buffer.alloc(65535), '\r\n']).flat(),
  ];
  expect(await web.raw(endless)).toMatch(/^HTTP\/1.1 413 /);
});

test('what comes too slowly is not waited for', async () => {
  expect(await web.raw(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${web.host.port}\r\nX: `)).toMatch(/^HTTP\/1.1 408 /);
  expect(await web.raw(`${web.head('POST', '/upload', 'Content-Length: 9')}slow`)).toMatch(/^HTTP\/1.1 408 /);
});

test('packed bytes are never unpacked', async () => {
  const body = png();
  const headers = { ...web.ours, 'Content-Encoding': 'gzip' };
  expect((await web.send('/upload', { method: 'POST', headers, body })).status).toBe(200); // taken as what they are
  const socket = new WebSocket(`ws://127.0.0.1:${web.host.port}/socket`, {
    headers: web.ours,
    perMessageDeflate: true,
  });
  await new Promise((done) => socket.once('open', done));
  expect(socket.extensions).toBe('');
  socket.terminate();
});

test('only the verbs of the contract are answered', async () => {
  const socket = await web.window();
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'hello', 'shutdown', 'media', 'store_input'];
  for (const method of [...names, 'models', 'ping', '', 'SNAPSHOT', ' snapshot', 'upload']) {
    const answer = await say(socket, { id: 1, method, params: {} });
    expect(answer, method).toMatchObject({ failure: { code: 'UNKNOWN_OP', case: 'unknown_method' } });
  }
  socket.terminate();
});

test('a verb takes just its own parameters: no path, no place to write to, nothing unknown', async () => {
  const socket = await web.window();
  const refused = (method: string, params: unknown) => say(socket, { id: 2, method, params });
  const bad = { failure: { code: 'BAD_REQUEST' } };
  for (const method of Object.keys(methods)) {
    for (const params of [null, 1, 'x', [], { surprise: 1 }]) {
      expect(await refused(method, params), `${method} ${JSON.stringify(params)}`).toMatchObject(bad);
    }
    expect(await say(socket, `{"id":2,"method":"${method}","params":{"__proto__":{"x":1}}}`)).toMatchObject(bad);
  }
  for (const more of [
    { out: '/tmp/x.mp4' },
    { python: '/x' },
    { prompt: 1 },
    { width: '64' },
    { seed: 5 },
    { frames: null },
  ]) {
    expect(await refused('generate', { request: { prompt: 'x', ...more } })).toMatchObject(bad);
  }
  const places = [
    '/etc/passwd',
    '../x',
    'C:\\x.png',
    '\\\\server\\x',
    'file:///etc/passwd',
    'a.png',
    '',
    'x'.repeat(81),
  ];
  for (const image of places) {
    const answer = await refused('generate', { request: { prompt: 'x', image } });
    expect(answer, image).toMatchObject({ failure: { code: 'BAD_REQUEST', field: '$.request.image' } });
  }
  for (const job of ['../x', '', 'a b', 'x'.repeat(81)]) expect(await refused('cancel', { job })).toMatchObject(bad);
  const folders = {
    '\\\\server\\share': 'network',
    '//server/share': 'network',
    '\\\\?\\C:\\x': 'network',
    '': 'empty',
  };
  for (const [path, why] of Object.entries({ ...folders, x: 'relative', 'C:x': 'relative', '/a\nb': 'control' })) {
    const answer = await refused('add_model', { path });
    expect(answer, path).toMatchObject({ failure: { field: '$.path', case: `path_${why}` } });
  }
  socket.terminate();
});

test('what is no call ends its socket, and nothing else', async () => {
  const nonsense = ['nonsense', '[]', '{"id":1}', '{"id":-1,"method":"snapshot"}', '{"id":"1","method":"snapshot"}'];
  nonsense.push('{"id":1,"method":"snapshot","params":{},"more":1}', `{"id":1,"method":"${'x'.repeat(41)}"}`, '1e999');
  for (const message of [...nonsense, Buffer.from('{"id":1,"method":"snapshot","params":{}}')]) {
    const socket = await web.window();
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.send(message);
    expect(await closed, String(message)).toBe(1008);
  }
  const socket = await web.window();
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.send('x'.repeat(50_001));
  expect(await closed).toBe(1009);
  expect(lives(web.behind.core.sidecarPid ?? 0)).toBe(true);
  expect((await web.behind.core.call('snapshot', {})).models).toHaveLength(1);
});

test('a window that asks more than a page would at a time is let go', async () => {
  const socket = await web.window();
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  for (let id = 0; id < 200; id++) socket.send(JSON.stringify({ id, method: 'snapshot', params: {} }));
  expect(await closed).toBe(1008);
});

test('there is room for so many windows and no more, and a closed one makes room again', async () => {
  const windows = [await web.window(), await web.window(), await web.window()];
  expect(await refusedWindow(web.ours)).toBe(503);
  const [first] = windows;
  const closed = new Promise((resolve) => first?.once('close', resolve));
  first?.close();
  await closed;
  await expect
    .poll(() =>
      web.window().then(
        (socket) => windows.push(socket),
        () => 0,
      ),
    )
    .toBeGreaterThan(3);
  for (const socket of windows) socket.terminate();
});
