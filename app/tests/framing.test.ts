import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Draft, empty, withModel } from '../renderer/state/draft.ts';
import { bestSize, cover, cropOf, pixelsOf } from '../renderer/state/framing.ts';
import type { Size } from '../renderer/state/sizes.ts';
import { mini } from './models.ts';

interface Case {
  readonly picture: Size;
  readonly video: Size;
  readonly scaled: Size;
  readonly cut: Size;
  readonly followed: Size;
}

const file = new URL('../../tests/framing.json', import.meta.url);
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];

test.each(cases)(
  '$picture for $video is scaled and cut as the model has it',
  ({ picture, video, scaled, cut, followed }) => {
    expect(cover(picture, video)).toEqual(scaled);
    expect(bestSize(picture, 32, video[0] * video[1])).toEqual(followed);
    const crop = cropOf(picture, video);
    expect([crop.left * scaled[0], crop.top * scaled[1]].map(Math.round)).toEqual(cut);
    expect(crop.width * scaled[0]).toBeCloseTo(video[0]);
    expect(crop.height * scaled[1]).toBeCloseTo(video[1]);
  },
);

test('of a picture in the video’s shape nothing is cut', () => {
  expect(cropOf([640, 384], [320, 192])).toEqual({ left: 0, top: 0, width: 1, height: 1 });
});

test('the size of the video is the one that will be decided', () => {
  const draft = withModel(empty, mini);
  const picture = { id: 'abc', width: 640, height: 480, type: 'image/png' };
  const sized = (more: Partial<Draft>): Size | null => pixelsOf({ ...draft, ...more }, mini);
  expect(sized({})).toEqual([320, 192]);
  expect(sized({ picture, size: 'auto' })).toEqual([256, 224]);
  expect(sized({ picture: { ...picture, width: 0, height: 0 }, size: 'auto' })).toBe(null);
  expect(sized({ size: 'custom', width: '', height: '' })).toEqual([320, 192]);
  expect(sized({ size: 'custom', width: 'wide' })).toBe(null);
});
