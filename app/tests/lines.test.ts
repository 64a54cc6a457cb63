import { expect, test } from 'vitest';
import { type Line, Lines } from '../core/lines.ts';

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
