import { expect, test } from 'vitest';
import { headOf } from '../renderer/bridge/head.ts';

/** A box of an mp4; `size` where it lies. */
const box = (name: string, held = '', size = 8 + held.length): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(8 + held.length);
  new DataView(bytes.buffer).setUint32(0, size);
  bytes.set(new TextEncoder().encode(name + held), 4);
  return bytes;
};

/** A box whose size takes eight bytes. */
const long = (name: string, held: string, size = BigInt(16 + held.length)): Uint8Array<ArrayBuffer> => {
  const bytes = box(name, `${' '.repeat(8)}${held}`, 1);
  new DataView(bytes.buffer).setBigUint64(8, size);
  return bytes;
};

const text = async (...parts: BlobPart[]): Promise<string> => (await headOf(new Blob(parts))).text();
const plain = (...parts: BlobPart[]): Promise<string> => new Blob(parts).text();

const ftyp = box('ftyp', 'isom0000');
const moov = box('moov', 'all that is said');
const mdat = box('mdat', 'frames');

test.each([
  ['before the frames', [ftyp, moov, mdat]],
  ['after them', [ftyp, mdat, moov]],
  ['after very many of them', [ftyp, long('mdat', 'frames'), moov]],
  ['after what no player needs', [ftyp, box('free'), mdat, moov]],
])('the head of an mp4 is found %s', async (_, parts) => {
  expect(await text(...parts)).toBe(await plain(ftyp, moov));
});

test('a head that goes to the end of the file, or is cut there, is handed over as far as it goes', async () => {
  const open = box('moov', 'all that is said', 0);
  expect(await text(ftyp, mdat, open)).toBe(await plain(ftyp, open));
  const cut = box('moov', 'all that is said', 500);
  expect(await text(ftyp, cut)).toBe(await plain(ftyp, cut));
});

test.each([
  ['no mp4', ['words, and more of them, and so on']],
  ['nothing', []],
  ['an mp4 without a head', [ftyp, mdat]],
  ['a box that is smaller than itself', [ftyp, box('free', '', 7), moov]],
  ['a box that has no end', [ftyp, long('free', '', 2n ** 64n - 1n), moov]],
])('of %s the beginning is handed over, to be refused by', async (_, parts) => {
  expect(await text(...parts)).toBe(await plain(...parts));
});

test('of what is large and no video, little is handed over, and boxes without end are given up', async () => {
  expect((await headOf(new Blob(['x'.repeat(10 ** 6)]))).size).toBe(64 * 1024);
  const boxes = new Blob(Array.from({ length: 20_000 }, () => box('free', '12345678')));
  expect((await headOf(new Blob([boxes, moov]))).size).toBe(64 * 1024);
});
