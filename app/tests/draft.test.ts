import { expect, test } from 'vitest';
import type { Model } from '../contract/model.ts';
import { Refusal } from '../contract/refusal.ts';
import { type Draft, empty, fieldOf, toRequest, withModel } from '../renderer/state/draft.ts';

const model: Model = {
  id: 'wan-mini',
  name: 'Wan mini',
  kind: 'ti2v',
  shipped: true,
  state: 'ready',
  note: {},
  trouble: null,
  defaults: {
    width: 320,
    height: 192,
    frames: 25,
    fps: 12,
    steps: 20,
    guidance: 3,
    shift: 3,
    solver: 'unipc',
    negative_prompt: '',
  },
  multiple: 32,
  sizes: [[320, 192]],
  max_frames: 49,
  min_side: 64,
  max_side: 512,
  images: true,
};
const picture = { id: 'abc', width: 640, height: 480, type: 'image/png' };
const draft = (more: Partial<Draft> = {}): Draft => ({ ...withModel(empty, model), prompt: '고양이', ...more });
const request = (more: Partial<Draft> = {}) => {
  const asked = toRequest(draft(more));
  return 'request' in asked ? asked.request : asked.errors;
};

test('a form as the model fills it asks for just that', () => {
  expect(request()).toEqual({
    prompt: '고양이',
    model: 'wan-mini',
    width: 320,
    height: 192,
    frames: 25,
    fps: 12,
    steps: 20,
    guidance: 3,
    shift: 3,
    solver: 'unipc',
  });
});

test('what is left empty is left to the model', () => {
  expect(request({ frames: '', seed: ' ', negative_prompt: '  ' })).not.toHaveProperty('frames');
  expect(request({ seed: '' })).not.toHaveProperty('seed');
});

test('a size that follows the picture is not said', () => {
  const asked = request({ picture, size: 'auto' });
  expect(asked).toMatchObject({ image: 'abc' });
  expect(asked).not.toHaveProperty('width');
});

test('a wrong number of frames is passed on as typed, for the sidecar to refuse in words', () => {
  expect(request({ frames: '24' })).toMatchObject({ frames: 24 });
});

test('what is no number is refused at its field', () => {
  expect(request({ steps: 'many', seed: 'x' })).toEqual({
    steps: expect.objectContaining({ case: 'not_a_number' }),
    seed: expect.objectContaining({ case: 'not_a_number' }),
  });
});

test('guidance is one number, or two for two experts', () => {
  expect(request({ guidance: '3,5' })).toMatchObject({ guidance: 3.5 });
  expect(request({ guidance: '3, 4' })).toMatchObject({ guidance: [3, 4] });
  expect(request({ guidance: '3, 4, 5' })).toHaveProperty('guidance.case');
});

test('a seed beyond what JavaScript can count keeps every digit', () => {
  expect(request({ seed: '9223372036854775807' })).toMatchObject({ seed: '9223372036854775807' });
});

test('a refusal finds its field', () => {
  const failure = (field: string | null) => fieldOf(new Refusal('BAD_REQUEST', '', { field }).failure);
  expect(failure('$.request.frames')).toBe('frames');
  expect(failure('$.request.guidance[1]')).toBe('guidance');
  expect(failure('$.request.__proto__')).toBe(null);
  expect(failure(null)).toBe(null);
});
