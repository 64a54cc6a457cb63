import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Line, Lines } from '../core/lines.ts';
import { understand } from '../core/wire.ts';

const TEXT = 'INFO: 시작 🎬\r\n 10%|█ |\r 20%|██|\rerror: é\nlast';
const bytes = Buffer.from(TEXT);

const split = (cuts: readonly number[], bars: boolean): Line[] => {
  const lines = new Lines({ bars });
  const edges = [0, ...cuts, bytes.length];
  const heard = edges.slice(1).flatMap((end, at) => lines.push(bytes.subarray(edges[at], end)));
  return [...heard, ...lines.end()];
};

const whole = [
  { text: 'INFO: 시작 🎬', transient: false },
  { text: ' 10%|█ |', transient: true },
  { text: ' 20%|██|', transient: true },
  { text: 'error: é', transient: false },
  { text: 'last', transient: false },
];

test('the lines are the same wherever the bytes are cut', () => {
  for (let one = 0; one <= bytes.length; one++) {
    for (let two = one; two <= bytes.length; two++) {
      expect(split([one, two], true), `cut at ${one} and ${two}`).toEqual(whole);
    }
  }
});

test('one byte at a time gives the same lines', () => {
  expect(split([...bytes.keys()], true)).toEqual(whole);
});

test('on stdout a lone carriage return is part of its line', () => {
  expect(split([], false).map((line) => line.text)).toEqual(['INFO: 시작 🎬', ' 10%|█ |\r 20%|██|\rerror: é', 'last']);
});

test('a line without an end is not kept for ever', () => {
  const lines = new Lines({ longest: 100 });
  expect(lines.push(Buffer.from('x'.repeat(101)))).toEqual([{ text: 'x'.repeat(101), transient: false }]);
  expect(lines.end()).toEqual([]);
});

const folder = fileURLToPath(new URL('../../tests/conversations/', import.meta.url));

interface Said {
  readonly reply?: unknown;
  readonly progress?: unknown;
  readonly saved?: string;
}

/** What the sidecar said in every recorded conversation, as bytes: Hangul, seeds, paths and all. */
const recorded = Buffer.from(
  readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) =>
      readFileSync(folder + name, 'utf8')
        .split('\n')
        .filter(Boolean),
    )
    .flatMap((text) => (JSON.parse(text) as { out?: Said }).out ?? [])
    .map(({ reply, progress, saved }) =>
      reply
        ? `[reply] ${JSON.stringify(reply)}`
        : progress
          ? `[progress] ${JSON.stringify(progress)}`
          : `[progress] saved=${saved}`,
    )
    .map((text, at) => text + (at % 2 ? '\n' : '\r\n'))
    .join(''),
);

test('a real conversation is understood the same wherever its bytes are cut, and one byte at a time', () => {
  const texts = (...parts: Buffer[]): string[] => {
    const lines = new Lines();
    return [...parts.flatMap((part) => lines.push(part)), ...lines.end()].map(({ text }) => text);
  };
  const expected = texts(recorded);
  expect(expected.map((text) => understand(text).kind)).not.toContain('noise');
  expect(recorded.toString()).toMatch(/[가-힣]/);
  expect(texts(...Array.from(recorded, (byte) => Buffer.from([byte])))).toEqual(expected);
  // A cut concerns the line that it is in, and the one after it.
  for (const text of expected) {
    const bytes = Buffer.from(`${text}\r\nnext\n`);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const [first, ...rest] = texts(bytes.subarray(0, cut), bytes.subarray(cut));
      if (first !== text || rest.join() !== 'next') expect([first, ...rest], `cut at ${cut}`).toEqual([text, 'next']);
    }
  }
});
