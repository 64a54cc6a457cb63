import { expect, test } from 'vitest';
import { beginWalk, isAtEdge, isOnWalk, textAt, walked } from '../renderer/state/recall.ts';

const walk = beginWalk('half a thou', ['호수', '산', '바다']);

test('back goes to the newest, then to older ones, and stops at the oldest', () => {
  const back = [1, 2, 3, 4].map((steps) => textAt(Array(steps).fill(1).reduce(walked, walk)));
  expect(back).toEqual(['호수', '산', '바다', '바다']);
});

test('forth comes back to what was typed, and stops there', () => {
  const there = walked(walked(walk, 1), 1);
  expect(textAt(walked(there, -1))).toBe('호수');
  expect(textAt(walked(walked(walked(there, -1), -1), -1))).toBe('half a thou');
});

test('what stands in the prompt is not brought a second time', () => {
  expect(textAt(walked(beginWalk('호수', ['호수', '산']), 1))).toBe('산');
});

test('a text that was changed is one’s own again', () => {
  expect(isOnWalk(walked(walk, 1), '호수')).toBe(true);
  expect(isOnWalk(walked(walk, 1), '호수 위의 안개')).toBe(false);
  expect(isOnWalk(walk, 'half a thou')).toBe(false);
});

test('only from the first line does one go back, and forth from the last', () => {
  const text = 'one\ntwo\nthree';
  expect([0, 3, 4, 8].map((cursor) => isAtEdge(text, cursor, 1))).toEqual([true, true, false, false]);
  expect([0, 7, 8, 13].map((cursor) => isAtEdge(text, cursor, -1))).toEqual([false, false, true, true]);
  expect([1, -1].map((by) => isAtEdge('', 0, by as 1 | -1))).toEqual([true, true]);
});
