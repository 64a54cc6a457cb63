import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as ask, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { type Limits, startWebHost, type WebHost } from '../web/server.ts';
import { type Fake, fake } from './fake.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Headers = Record<string, string | string[]>;

/** A browser host over the fake sidecar, with a page of one line, and everything a visitor could do to it. */
export interface BrowserHost {
  readonly behind: Fake;
  readonly host: WebHost;
  readonly folder: string;
  /** What our own page sends along. */
  readonly cookie: string;
  readonly origin: string;
  readonly mine: { readonly Cookie: string };
  readonly ours: { readonly Cookie: string; readonly Origin: string };
  /** A request as raw as it can be made: nothing is normalised on its way. */
  send(path: string, options?: { method?: string; headers?: Headers; body?: Buffer }): Promise<Answer>;
  /** Bytes as they are; what came back until the other side hung up, or until it said enough. */
  raw(bytes: string | readonly (string | Buffer)[], enough?: RegExp): Promise<string>;
  /** The head of a request of our own page, to go on with. */
  head(method: string, path: string, ...lines: string[]): string;
  /** A WebSocket, or the status it was refused with. */
  dial(headers: Record<string, string>, path?: string): Promise<WebSocket | number>;
  /** The socket of our own page. */
  window(): Promise<WebSocket>;
  end(): Promise<void>;
}

export async function browserHost(
  env: Record<string, string> = {},
  limits: Partial<Limits> = {},
): Promise<BrowserHost> {
  const folder = mkdtempSync(join(tmpdir(), 'artifex-test-'));
  const ui = join(folder, 'ui');
  mkdirSync(ui);
  writeFileSync(join(ui, 'index.html'), '<!doctype html><title>Artifex</title>');
  writeFileSync(join(ui, 'notes.txt'), 'secret');
  writeFileSync(join(folder, 'secret.json'), '{"secret": true}');
  if (process.platform !== 'win32') symlinkSync(join(folder, 'secret.json'), join(ui, 'link.json'));
  writeFileSync(join(folder, 'video.mp4'), '0123456789');
  const behind = fake({ FAKE_VIDEO: join(folder, 'video.mp4'), ...env });
  await behind.core.start();
  const host = await startWebHost(behind.core, ui, 0, limits);
  const name = `127.0.0.1:${host.port}`;
  const origin = `http://${name}`;

  const send: BrowserHost['send'] = (path, options = {}) =>
    new Promise((resolve, reject) => {
      const headers = { Host: name, ...options.headers };
      const where = { host: '127.0.0.1', port: host.port, path, method: options.method ?? 'GET', headers };
      const out = ask({ ...where, setHost: false }, (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          body += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      });
      out.on('error', reject);
      out.end(options.body);
    });

  const { pathname, search } = new URL(host.address);
  const cookie = (await send(pathname + search)).headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const ours = { Cookie: cookie, Origin: origin };

  const dial: BrowserHost['dial'] = (headers, path = '/socket') =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://${name}${path}`, { headers });
      socket.once('open', () => resolve(socket));
      socket.once('unexpected-response', (_, answer) => resolve(answer.statusCode ?? 0));
      socket.once('error', () => {});
    });

  return {
    behind,
    host,
    folder,
    cookie,
    origin,
    mine: { Cookie: cookie },
    ours,
    send,
    dial,
    raw: (bytes, enough) =>
      new Promise((resolve) => {
        let heard = '';
        const socket = connect(host.port, '127.0.0.1', () => {
          for (const part of typeof bytes === 'string' ? [bytes] : bytes) socket.write(part);
        });
        socket.on('data', (data) => {
          heard += data.toString('latin1');
          if (enough?.test(heard)) socket.destroy();
        });
        socket.on('error', () => {}); // the other side need not listen to the end
        socket.on('close', () => resolve(heard));
      }),
    head: (method, path, ...lines) =>
      [`${method} ${path} HTTP/1.1`, `Host: ${name}`, `Origin: ${origin}`, `Cookie: ${cookie}`, ...lines, '', ''].join(
        '\r\n',
      ),
    window: async () => {
      const socket = await dial(ours);
      if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
      return socket;
    },
    end: async () => {
      await host.close();
      await behind.end();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Sends one call over a socket, or anything else, and gives the next frame that is no event. */
export const say = (socket: WebSocket, message: unknown): Promise<Record<string, unknown>> =>
  new Promise((resolve) => {
    const hear = (data: Buffer): void => {
      const frame = JSON.parse(data.toString()) as Record<string, unknown>;
      if ('event' in frame) return;
      socket.off('message', hear);
      resolve(frame);
    };
    socket.on('message', hear);
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  });
