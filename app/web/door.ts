import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type Verdict = 'welcome' | 'wrong-host' | 'wrong-origin' | 'no-cookie' | 'bad-token' | 'swap';

const secret = (): string => randomBytes(32).toString('base64url');

/** Who may come in: the token of the printed address is swapped for a cookie at once; Host and Origin must be ours. */
export class Door {
  readonly token = secret();
  readonly #cookie = secret();
  #port = 0;

  open(port: number): void {
    this.#port = port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get address(): string {
    return `${this.origin}/?token=${this.token}`;
  }

  // Ports of one host share cookies, so the port is part of the name.
  get #name(): string {
    return `artifex-${this.#port}`;
  }

  get setCookie(): string {
    return `${this.#name}=${this.#cookie}; Path=/; HttpOnly; SameSite=Strict`;
  }

  judge(request: IncomingMessage, url: URL, needs: { origin: boolean }): Verdict {
    const hosts = request.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
    if (hosts.length !== 1 || request.headers.host !== `127.0.0.1:${this.#port}`) return 'wrong-host';
    const { origin } = request.headers;
    if (needs.origin ? origin !== this.origin : origin !== undefined && origin !== this.origin) return 'wrong-origin';
    const token = url.pathname === '/' ? url.searchParams.get('token') : null;
    if (token !== null) return same(token, this.token) ? 'swap' : 'bad-token';
    return this.#hasCookie(request) ? 'welcome' : 'no-cookie';
  }

  #hasCookie(request: IncomingMessage): boolean {
    const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
    return cookies.some((cookie) => {
      const at = cookie.indexOf('=');
      return cookie.slice(0, at) === this.#name && same(cookie.slice(at + 1), this.#cookie);
    });
  }
}

const same = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};
