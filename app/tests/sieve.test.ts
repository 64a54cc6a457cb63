// What of the log is shown.
import { expect, test } from 'vitest';
import type { LogLine } from '../contract/event.ts';
import { everything, partsOf, sift } from '../renderer/log/sieve.ts';

const at = '[2026-01-02 03:04:05,678]';
const said: readonly (readonly [LogLine['level'], string])[] = [
  ['info', `${at} INFO: [Device] NVIDIA RTX 4070`],
  ['info', `${at} INFO: [Attention] Using PyTorch SDPA`],
  ['warning', `${at} WARNING: [Device] little memory`],
  ['plain', 'a library [Device] says something'],
  ['error', 'Traceback (most recent call last):'],
];
const log: readonly LogLine[] = said.map(([level, text], n) => ({ n, level, text, transient: false }));
const numbers = (lines: readonly LogLine[]) => lines.map(({ n }) => n);

test('without a wish every line is shown', () => {
  expect(sift(log, everything)).toEqual(log);
});

test('a part of the engine, what went wrong, and a word are sifted out, also together', () => {
  expect(partsOf(log)).toEqual(['[Attention]', '[Device]']);
  expect(numbers(sift(log, { part: '[Device]', text: '' }))).toEqual([0, 2]);
  expect(numbers(sift(log, { part: 'troubles', text: '' }))).toEqual([2, 4]);
  expect(numbers(sift(log, { part: 'all', text: ' device ' }))).toEqual([0, 2, 3]);
  expect(numbers(sift(log, { part: '[Device]', text: 'MEMORY' }))).toEqual([2]);
  expect(sift(log, { part: '[Attention]', text: 'memory' })).toEqual([]);
});
