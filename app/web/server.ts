import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import { Refusal } from '../contract/refusal.ts';
import { type Core, UPLOAD_CAP } from '../core/core.ts';
import { mediaResponse } from '../core/media.ts';
import { Door, type Verdict } from './door.ts';
import { staticFile } from './files.ts';
import { headers } from './headers.ts';
import { failureOf, serve } from './socket.ts';

export interface WebHost {
  /** The address to open, token and all. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

const REFUSALS: Readonly<Record<Exclude<Verdict, 'welcome' | 'swap'>, readonly [number, string]>> = {
  'wrong-host': [421, 'This address does not belong to Artifex.'],
  'wrong-origin': [403, 'This page may not talk to Artifex.'],
  'no-cookie': [401, 'Open Artifex with the whole address that it printed when it started.'],
  'bad-token': [403, 'This address is from an earlier start. Use the one Artifex printed last.'],
};

/** Serves the page, its media and its WebSocket on the loopback address, and nothing else to nobody else. */
export async function startWebHost(core: Core, uiFolder: string, port = 0): Promise<WebHost> {
  const door = new Door();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });

  const server = createServer({ requestTimeout: 120_000 }, (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      const failure = failureOf(error);
      json(response, failure.code === 'UNKNOWN_MEDIA' ? 404 : error instanceof Refusal ? 400 : 500, { failure });
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(request);
    if (!url) return say(response, 400, 'This address cannot be read.');
    const upload = request.method === 'POST' && url.pathname === '/upload';
    const verdict = door.judge(request, url, { origin: request.method !== 'GET' && request.method !== 'HEAD' });
    if (verdict === 'swap') {
      response.writeHead(303, { Location: '/', 'Set-Cookie': door.setCookie, 'Cache-Control': 'no-store' }).end();
      return;
    }
    if (verdict !== 'welcome') return say(response, ...REFUSALS[verdict]);
    if (upload) return receive(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'Only GET here.');
    if (url.pathname.startsWith('/media/')) return sendMedia(url.pathname.slice(7), request, response);
    return sendFile(url.pathname, request, response);
  }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await body(request);
    if (bytes) return json(response, 200, { result: await core.upload(bytes) });
    response.setHeader('Connection', 'close');
    const failure = new Refusal('INPUT_BAD_IMAGE', 'This file is larger than 64 MiB.', 'Choose a smaller picture.')
      .failure;
    json(response, 413, { failure });
  }

  async function sendMedia(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const media = await core.media(id);
    const found = await mediaResponse(media.path, media.type, request.headers.range);
    response.writeHead(found.status, found.headers);
    if (!found.open || request.method === 'HEAD') return void response.end();
    await pipeline(found.open(), response).catch(() => {}); // a player that seeks leaves in the middle
  }

  async function sendFile(pathname: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = await staticFile(uiFolder, pathname);
    if (!file) return say(response, 404, 'There is nothing here.');
    response.writeHead(200, {
      'Content-Type': file.type,
      'Content-Length': String(file.bytes.byteLength),
      'Cache-Control': file.lasting ? 'private, max-age=31536000, immutable' : 'no-cache',
    });
    response.end(request.method === 'HEAD' ? undefined : file.bytes);
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const url = urlOf(request);
    const verdict = url?.pathname === '/socket' ? door.judge(request, url, { origin: true }) : 'wrong-origin';
    if (verdict === 'welcome') {
      sockets.handleUpgrade(request, socket, head, (window) => serve(window, core));
      return;
    }
    const status = verdict === 'swap' ? 403 : REFUSALS[verdict][0];
    socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: chosen } = server.address() as AddressInfo;
  door.open(chosen);

  return {
    address: door.address,
    port: chosen,
    close: () =>
      new Promise((resolve) => {
        for (const window of sockets.clients) window.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function urlOf(request: IncomingMessage): URL | null {
  // Taken apart by hand first: `//elsewhere/` would otherwise name another host.
  const target = request.url ?? '/';
  if (!target.startsWith('/') || target.startsWith('//')) return null;
  try {
    return new URL(target, 'http://127.0.0.1');
  } catch {
    return null;
  }
}

/** The whole body, or null as soon as it is known to be too large. */
async function body(request: IncomingMessage): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > UPLOAD_CAP) return null;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.byteLength;
    if (size > UPLOAD_CAP) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const say = (response: ServerResponse, status: number, words: string): void => {
  response
    .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
    .end(`${words}\n`);
};

const json = (response: ServerResponse, status: number, value: unknown): void => {
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    .end(JSON.stringify(value));
};
