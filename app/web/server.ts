import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import { Refusal } from '../contract/refusal.ts';
import { tooLarge, UPLOAD_CAP } from '../contract/upload.ts';
import type { Core } from '../core/core.ts';
import { mediaResponse } from '../core/media.ts';
import { failureOf } from '../core/troubles.ts';
import { bodyOf, json, refuseRaw, say } from './answers.ts';
import { Door, type Verdict } from './door.ts';
import { staticFile } from './files.ts';
import { headers } from './headers.ts';
import { serve } from './socket.ts';

export interface WebHost {
  /** The address to open, token and all. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface Limits {
  /** Milliseconds that a request may take to arrive, and its headers alone. */
  readonly arrival: number;
  readonly headers: number;
  /** Windows, and connections of any kind, at a time. */
  readonly windows: number;
  readonly connections: number;
  /** Bytes of one message of a window, and of one upload. */
  readonly message: number;
  readonly upload: number;
}

/** What becomes of a file that was handed over by its content. */
type Taker = (bytes: Uint8Array) => Promise<unknown>;

const usual: Limits = {
  arrival: 120_000,
  headers: 10_000,
  windows: 32,
  connections: 256,
  message: 1024 * 1024,
  upload: UPLOAD_CAP,
};

const REFUSALS: Readonly<Record<Exclude<Verdict, 'welcome' | 'swap'>, readonly [number, string]>> = {
  'wrong-host': [421, 'This address does not belong to Artifex.'],
  'wrong-origin': [403, 'This page may not talk to Artifex.'],
  'no-cookie': [401, 'Open Artifex with the whole address that it printed when it started.'],
  'bad-token': [403, 'This address is from an earlier start. Use the one Artifex printed last.'],
};

/** Serves the page, its media and its WebSocket on the loopback address, and nothing else to nobody else. */
export async function startWebHost(
  core: Core,
  uiFolder: string,
  port = 0,
  given: Partial<Limits> = {},
): Promise<WebHost> {
  const limits = { ...usual, ...given };
  const door = new Door();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.message, perMessageDeflate: false });
  const patience = {
    requestTimeout: limits.arrival,
    headersTimeout: Math.min(limits.headers, limits.arrival),
    connectionsCheckingInterval: Math.min(1000, limits.headers),
  };

  const takers = new Map<string, Taker>([
    ['/upload', (bytes) => core.upload(bytes)],
    ['/read_video', (bytes) => core.readVideo(bytes)],
  ]);

  const server = createServer(patience, (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent || !request.complete) return response.destroy();
      const failure = failureOf(error);
      json(response, failure.code === 'UNKNOWN_MEDIA' ? 404 : error instanceof Refusal ? 400 : 500, { failure });
    });
  });
  server.maxConnections = limits.connections;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(request);
    if (!url) return say(response, 400, 'This address cannot be read.');
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const verdict = door.judge(request, url, { origin: !reads });
    if (verdict === 'swap') {
      response.writeHead(303, { Location: '/', 'Set-Cookie': door.setCookie, 'Cache-Control': 'no-store' }).end();
      return;
    }
    if (verdict !== 'welcome') return say(response, ...REFUSALS[verdict]);
    const take = request.method === 'POST' ? takers.get(url.pathname) : undefined;
    if (take) return receive(request, response, take);
    if (!reads) return say(response, 405, 'Only GET here.');
    if (url.pathname.startsWith('/media/')) return sendMedia(url.pathname.slice(7), request, response);
    return sendFile(url.pathname, request, response);
  }

  async function receive(request: IncomingMessage, response: ServerResponse, take: Taker): Promise<void> {
    const bytes = await bodyOf(request, limits.upload);
    if (bytes) return json(response, 200, { result: await take(bytes) });
    response.setHeader('Connection', 'close');
    response.once('finish', () => request.destroy());
    json(response, 413, { failure: tooLarge(limits.upload).failure });
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
    if (verdict === 'swap') return refuseRaw(socket, 403);
    if (verdict !== 'welcome') return refuseRaw(socket, REFUSALS[verdict][0]);
    if (sockets.clients.size >= limits.windows) return refuseRaw(socket, 503);
    sockets.handleUpgrade(request, socket, head, (window) => serve(window, core));
  });

  sockets.on('wsClientError', (_, socket) => refuseRaw(socket, 400));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const statuses: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };
    if (socket.writable) refuseRaw(socket, statuses[error.code ?? ''] ?? 400);
    else socket.destroy();
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
