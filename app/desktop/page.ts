import { ReadableStream } from 'node:stream/web';
import { Refusal } from '../contract/refusal.ts';
import type { Core } from '../core/core.ts';
import { mediaResponse } from '../core/media.ts';
import { staticFile } from '../web/files.ts';
import { headers } from '../web/headers.ts';
import { isOurs } from './policy.ts';
import { type SetupShown, setupFile } from './setupPage.ts';

/** What `app://ui` shows. `core` is there once the sidecar can be started; until then only the set-up's page is. */
export interface Shown {
  readonly ui: string;
  core: Core | null;
  setup: SetupShown | null;
}

/** Before anything has been started. */
export const nothingYet = (ui: string): Shown => ({ ui, core: null, setup: null });

/** Answers one request of a page: a file of it, a picture or video by its id, and nothing else. */
export async function answerPage(request: Request, shown: Shown): Promise<Response> {
  if (!isOurs(request.url)) return say(404, 'There is nothing here.');
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'Only GET here.');
  const { pathname } = new URL(request.url);
  if (pathname.startsWith('/media/')) return media(pathname.slice(7), request, shown);
  const file = setupFile(pathname, shown.setup) ?? (await staticFile(shown.ui, pathname));
  if (!file) return say(404, 'There is nothing here.');
  const type = { 'Content-Type': file.type, 'Content-Length': String(file.bytes.byteLength) };
  const body = request.method === 'HEAD' ? null : new Uint8Array(file.bytes);
  return new Response(body, { headers: { ...headers, ...type, 'Cache-Control': 'no-cache' } });
}

async function media(id: string, request: Request, { core }: Shown): Promise<Response> {
  try {
    if (!core) throw new Refusal('UNKNOWN_MEDIA', 'There is no such picture or video.');
    const { path, type } = await core.media(id);
    const found = await mediaResponse(path, type, request.headers.get('range') ?? undefined);
    const body = found.open && request.method === 'GET' ? stream(found.open()) : null;
    return new Response(body, { status: found.status, headers: { ...headers, ...found.headers } });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return say(404, error.message);
  }
}

/** A file's bytes as they are asked for; a player that seeks leaves in the middle, which closes the file. */
const stream = (bytes: AsyncIterable<Uint8Array>): BodyInit => ReadableStream.from(bytes) as unknown as BodyInit;

const say = (status: number, words: string): Response =>
  new Response(`${words}\n`, { status, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' } });
