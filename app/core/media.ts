import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';

export interface MediaResponse {
  readonly status: 200 | 206 | 404 | 416;
  readonly headers: Record<string, string>;
  /** Opens the bytes to send; null where there are none. */
  readonly open: (() => Readable) | null;
}

const SHOWN = new Set(['video/mp4', 'image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/bmp', 'image/avif']);

/** Answers for one file with 200, 206 or 416, so that a video can be seeked in any host. */
export async function mediaResponse(path: string, type: string, range: string | undefined): Promise<MediaResponse> {
  const size = await stat(path).then(
    (file) => (file.isFile() ? file.size : -1),
    () => -1,
  );
  if (size < 0) return { status: 404, headers: {}, open: null };
  const headers = {
    'Content-Type': SHOWN.has(type) ? type : 'application/octet-stream',
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, max-age=3600',
  };
  const part = slice(range, size);
  if (part === 'all') {
    return { status: 200, headers: { ...headers, 'Content-Length': String(size) }, open: () => createReadStream(path) };
  }
  if (part === 'impossible') {
    return { status: 416, headers: { ...headers, 'Content-Range': `bytes */${size}` }, open: null };
  }
  return {
    status: 206,
    headers: {
      ...headers,
      'Content-Length': String(part.end - part.start + 1),
      'Content-Range': `bytes ${part.start}-${part.end}/${size}`,
    },
    open: () => createReadStream(path, part),
  };
}

/** One byte range as RFC 9110 reads it; several ranges, or none that can be read, mean the whole file. */
function slice(range: string | undefined, size: number): { start: number; end: number } | 'all' | 'impossible' {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === '' && last === '') return 'all';
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'impossible' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return 'all';
  return start >= size ? 'impossible' : { start, end };
}
