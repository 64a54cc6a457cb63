import { expect, test } from 'vitest';
import { methods } from '../contract/method.ts';
import type { Verdict } from '../contract/verdict.ts';
import { replies } from '../core/wire.ts';
import { briefly } from '../renderer/words/briefly.ts';
import { en } from '../renderer/words/en.ts';
import { ko } from '../renderer/words/ko.ts';
import { fake } from './fake.ts';

const verdict = (more: Partial<Verdict> = {}): Verdict => ({
  fits: true,
  denoise: null,
  decode: null,
  ram: 0.86e9,
  video: 96_000,
  copy: 0,
  seconds: 5.2,
  plan: 'all stay',
  refusal: null,
  ...more,
});

test('what a video takes is said in a few words', () => {
  expect(briefly(verdict(), en)).toBe('About 5 s · 0.9 GB of memory');
  expect(briefly(verdict(), ko)).toBe('약 5초 · 메모리 0.9GB');
});

test('a GPU is told by its largest peak', () => {
  expect(briefly(verdict({ denoise: 9.1e9, decode: 7e9, ram: 4e9, seconds: 760 }), en)).toBe(
    'About 12:40 · 9.1 GB of GPU memory',
  );
  expect(briefly(verdict({ denoise: 7e9, decode: 9.1e9 }), ko)).toBe('약 5초 · GPU 메모리 9.1GB');
});

test('what is not known is left out', () => {
  expect(briefly(verdict({ seconds: null }), en)).toBe('0.9 GB of memory');
  expect(briefly(verdict({ seconds: null, ram: null, fits: null }), en)).toBe('');
});

test('what the sidecar says of a request is what the window may know', () => {
  const refusal = { code: 'VRAM_OOM', message: 'Too large.', hint: '' };
  const said = replies.estimate.parse({ id: '1', op: 'estimate', verdict: { ...verdict(), refusal, path: '/x' } });
  expect(methods.estimate.result.parse(said)).toEqual({
    verdict: verdict({ refusal: { ...refusal, code: 'VRAM_OOM', case: null, values: {} } }),
  });
});

test('an estimate passes through the core, and so does its refusal', async () => {
  const { core, end } = fake();
  try {
    await core.start();
    const { verdict } = await core.call('estimate', { request: { prompt: 'a lake' } });
    expect(verdict.seconds).toBe(5.2);
    const wrong = core.call('estimate', { request: { prompt: 'a lake', frames: 24 } });
    await expect(wrong).rejects.toMatchObject({ failure: { case: 'frames_step', field: '$.request.frames' } });
  } finally {
    await end();
  }
});
