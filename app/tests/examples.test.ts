import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { en } from '../renderer/words/en.ts';
import { examplesFor } from '../renderer/words/examples.ts';
import { isFar } from '../renderer/words/known.ts';
import { ko } from '../renderer/words/ko.ts';

const languages = { en, ko };
const names = ['en', 'ko'] as const;

test.each(names)('the shipped model has examples enough in %s, and knows what every one is about', (language) => {
  const examples = examplesFor(true, languages[language]);
  expect(examples.length).toBeGreaterThanOrEqual(8);
  expect(examples.map(({ prompt }) => prompt).filter(isFar)).toEqual([]);
});

test.each(names)('a real model has examples of its own in %s, beyond what the shipped one knows', (language) => {
  const shipped = examplesFor(true, languages[language]);
  const own = examplesFor(false, languages[language]).filter((one) => !shipped.includes(one));
  expect(own.length).toBeGreaterThanOrEqual(3);
  expect(own.some(({ prompt }) => isFar(prompt))).toBe(true);
});

test.each(names)('no two examples in %s are called the same', (language) => {
  for (const shipped of [true, false]) {
    const examples = examplesFor(shipped, languages[language]);
    expect(new Set(examples.map(({ name }) => name)).size).toBe(examples.length);
    expect(new Set(examples.map(({ prompt }) => prompt)).size).toBe(examples.length);
  }
});

test('the Korean examples are Korean', () => {
  const said = [true, false].flatMap((shipped) => examplesFor(shipped, ko)).flatMap(Object.values);
  expect(said.filter((text) => /[a-z]/i.test(text) || !/[가-힣]/.test(text))).toEqual([]);
});

test('none of the prompts that the shipped model is judged by is far', () => {
  const file = new URL('../../training/held_out.json', import.meta.url);
  const prompts = z.array(z.object({ caption: z.string() })).parse(JSON.parse(readFileSync(file, 'utf8')));
  expect(prompts.map(({ caption }) => caption).filter(isFar)).toEqual([]);
});

test.each([
  'a cat playing piano',
  'a cat at night',
  'A man waving at the start of a cartoon, searching his card',
  'a dancing robot in a kitchen',
  'a training seal',
  '고양이가 춤을 춘다',
  '피아노를 치는 강아지',
  '나비가 새로운 꽃에 앉는다',
  '눈을 감은 사람들이 달린다',
  '배우가 산책하는 비디오',
])('“%s” is far from the shipped model’s world', (prompt) => {
  expect(isFar(prompt)).toBe(true);
});

test.each([
  'boats in the harbor at dawn',
  'SNOWY PEAKS',
  'Cities in the rain',
  'A starry sky',
  'northern  lights',
  'A sea.',
  '노을 진 사막의 기차',
  '밤바다',
  '높은 산',
  '눈이 내리는 아침',
  '새 떼가 난다',
  '별이 쏟아진다',
  '밤바다'.normalize('NFD'),
  'A cat and a mountain',
])('“%s” is not', (prompt) => {
  expect(isFar(prompt)).toBe(false);
});

test.each(['', '  ', '…', '2049', '🙂'])('“%s” says nothing yet', (prompt) => {
  expect(isFar(prompt)).toBe(false);
});
