import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { headers } from './headers.ts';

export const say = (response: ServerResponse, status: number, words: string): void => {
  response
    .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
    .end(`${words}\n`);
};

export const json = (response: ServerResponse, status: number, value: unknown): void => {
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    .end(JSON.stringify(value));
};

/** Refuses what never became a request, or will not become a WebSocket. */
export function refuseRaw(socket: Duplex, status: number): void {
  const lines = Object.entries({ ...headers, Connection: 'close', 'Content-Length': '0' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n`, () => socket.destroy());
}

/** The whole body, or null as soon as it is known to be larger than `cap`; the rest is then left unread. */
export function bodyOf(request: IncomingMessage, cap: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const tooMuch = (): void => {
      request.removeAllListeners('data').pause();
      resolve(null);
    };
    if (Number(request.headers['content-length'] ?? 0) > cap) return tooMuch();
    request.on('data', (part: Buffer) => {
      size += part.byteLength;
      parts.push(part);
      if (size > cap) tooMuch();
    });
    request.once('end', () => resolve(Buffer.concat(parts)));
    request.once('error', reject);
  });
}
