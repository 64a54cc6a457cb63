import { expect, test } from 'vitest';
import { LogBook } from '../core/log.ts';

const book = (...texts: readonly (string | [string])[]): LogBook => {
  const log = new LogBook(5);
  for (const text of texts)
    log.add(typeof text === 'string' ? { text, transient: false } : { text: text[0], transient: true });
  return log;
};

test('a line knows its level, and a traceback is an error to its end', () => {
  const log = book(
    '[2026-01-02 03:04:05,678] WARNING: low on disk',
    'Traceback (most recent call last):',
    '  File "x.py", line 1',
    '[2026-01-02 03:04:06,000] INFO: going on',
    'plain words',
  );
  expect(log.all().map((line) => line.level)).toEqual(['warning', 'error', 'error', 'info', 'plain']);
});

test('a bar is replaced by its next drawing and by the line after it', () => {
  expect(
    book(['10%'], ['20%'], ['30%'])
      .all()
      .map((line) => line.text),
  ).toEqual(['30%']);
  expect(
    book(['10%'], ['100%'], 'done')
      .all()
      .map((line) => line.text),
  ).toEqual(['done']);
});

test('only the last lines are kept, and empty ones never', () => {
  expect(book('a', '', 'b', 'c', 'd', 'e', 'f').tail(9)).toEqual(['b', 'c', 'd', 'e', 'f']);
});
