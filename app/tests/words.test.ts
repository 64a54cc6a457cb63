import { expect, test } from 'vitest';
import { type Case, cases } from '../contract/cases.ts';
import { codes, type Values } from '../contract/failure.ts';
import { type Sayable, said } from '../renderer/words/said.ts';

const names = Object.keys(cases) as Case[];
const given = (name: Case): Values => Object.fromEntries(cases[name].map((value, n) => [value, `⟨${value}⟩${n}`]));
const what = (more: Partial<Sayable>): Sayable => ({
  code: 'BAD_REQUEST',
  message: 'frames must be 4n+1; got 80.',
  hint: 'The nearest are 77 and 81.',
  case: null,
  values: {},
  ...more,
});

/** Three Latin words in a row are a sentence somebody forgot; a command to type is not. */
const english = (text: string): boolean =>
  /[a-z]{2,}(?: [a-z]{2,}){2,}/i.test(text.replace(/npm run \S+(?: -- \S+)?/g, ''));

test('English is said as it came', () => {
  expect(said(what({ case: 'frames_step' }), 'en')).toEqual({
    message: 'frames must be 4n+1; got 80.',
    hint: 'The nearest are 77 and 81.',
    details: '',
  });
});

test('Korean says the same with the same numbers', () => {
  const { message, hint } = said(
    what({ case: 'frames_step', values: { step: 4, given: 80, low: 77, high: 81 } }),
    'ko',
  );
  expect(message).toBe('프레임: 80. 4의 배수에 1을 더한 수여야 합니다.');
  expect(hint).toBe('가장 가까운 값: 77, 81');
});

test.each(names)('%s is a Korean sentence, with no blank left', (name) => {
  const { message, hint } = said(what({ case: name, values: given(name) }), 'ko');
  if (!/_(?:found|writable)/.test(name)) expect(message).toMatch(/[가-힣]/); // “Python 3.12” is no sentence
  expect([message, hint].filter(english)).toEqual([]);
  expect(`${message}${hint}`).not.toMatch(/undefined|NaN|null/);
  // A particle chosen for one value is wrong for the next: a value is not followed by one.
  expect(`${message} ${hint}`).not.toMatch(/⟩\d+(?:은|는|이|가|을|를|와|과|으로|로)(?:\s|$)/);
});

test.each(codes)('%s has general words, and the English stays under the details', (code) => {
  const { message, details } = said(what({ code }), 'ko');
  expect(message).toMatch(/[가-힣]/);
  expect(details).toBe('frames must be 4n+1; got 80. The nearest are 77 and 81.');
});

test('a case or a value of another version is said by its code', () => {
  const general = said(what({}), 'ko').message;
  expect(said(what({ case: 'of_tomorrow' }), 'ko').message).toBe(general);
  expect(said(what({ case: 'toString' }), 'ko').message).toBe(general);
  expect(said(what({ case: 'frames_step', values: { step: 4 } }), 'ko').message).toBe(general);
});

test('what set a job aside is said with how often it happened', () => {
  expect(said(what({ case: 'engine_killed', values: { times: 2 } }), 'ko').message).toBe(
    '엔진이 밖에서 종료되었습니다. 2번째입니다.',
  );
});

test('what a library said in English stays under the details', () => {
  const { message, details } = said(what({ case: 'gpu_error', values: { error: 'illegal access' } }), 'ko');
  expect(message).toBe('그래픽 카드가 오류로 멈췄습니다.');
  expect(details).toContain('got 80');
});
