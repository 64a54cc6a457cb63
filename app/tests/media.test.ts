import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { mediaResponse } from '../core/media.ts';

const folder = mkdtempSync(join(tmpdir(), 'artifex-test-'));
const path = join(folder, '비디오 1.mp4');
writeFileSync(path, '0123456789');
afterAll(() => rmSync(folder, { recursive: true }));

const ask = async (range?: string) => {
  const answer = await mediaResponse(path, 'video/mp4', range);
  return [answer.status, answer.headers['Content-Range'] ?? null, answer.open ? await text(answer.open()) : null];
};

test.each([
  [undefined, 200, null, '0123456789'],
  ['bytes=0-', 206, 'bytes 0-9/10', '0123456789'],
  ['bytes=2-4', 206, 'bytes 2-4/10', '234'],
  ['bytes=8-99', 206, 'bytes 8-9/10', '89'],
  ['bytes=-3', 206, 'bytes 7-9/10', '789'],
  ['bytes=-99', 206, 'bytes 0-9/10', '0123456789'],
  ['bytes=10-', 416, 'bytes */10', null],
  ['bytes=-0', 416, 'bytes */10', null],
  ['bytes=5-2', 200, null, '0123456789'],
  ['bytes=0-1,4-5', 200, null, '0123456789'],
  ['lines=1-2', 200, null, '0123456789'],
])('range %s is answered with %i', async (range, ...answer) => {
  expect(await ask(range)).toEqual(answer);
});

test('a file that is gone, or a folder, is 404', async () => {
  expect((await mediaResponse(join(folder, 'gone.mp4'), 'video/mp4', undefined)).status).toBe(404);
  expect((await mediaResponse(folder, 'video/mp4', undefined)).status).toBe(404);
});

test('a type a page could run is sent as bytes', async () => {
  const answer = await mediaResponse(path, 'text/html', undefined);
  expect(answer.headers['Content-Type']).toBe('application/octet-stream');
});
