import { expect, test } from 'vitest';
import { type Draft, empty, withModel } from '../renderer/state/draft.ts';
import { PRESETS, type Preset, presetOf, settingsOf } from '../renderer/state/preset.ts';
import { namedSizes, RATIOS, type Size, sizesOf } from '../renderer/state/sizes.ts';
import { mini, official } from './models.ts';

const models = [
  ['the official 5B', official],
  ['the shipped model', mini],
] as const;

const picture = { id: 'abc', width: 640, height: 480, type: 'image/png' };
const at = (preset: Preset, draft: Draft, model = official): Draft => ({
  ...draft,
  ...settingsOf(preset, draft, model),
});
const numbers = ({ width, height, frames, steps }: Draft): number[] => [width, height, frames, steps].map(Number);

test.each(models)('%s does every shape, large and small, within its limits', (_name, model) => {
  for (const ratio of RATIOS) {
    const sizes = sizesOf(ratio, model);
    expect(sizes, ratio).toHaveLength(2);
    for (const side of sizes.flat()) {
      expect(side % model.multiple).toBe(0);
      expect(side).toBeGreaterThanOrEqual(model.min_side);
      expect(side).toBeLessThanOrEqual(model.max_side);
    }
  }
});

test('what a model is known to do well is taken before anything reckoned', () => {
  expect(namedSizes(official)).toEqual(expect.arrayContaining(official.sizes));
  expect(namedSizes(mini)).toEqual(expect.arrayContaining(mini.sizes));
  const all: Size[] = [...sizesOf('4:3', official), ...sizesOf('3:4', mini)];
  expect(all).toEqual([
    [1024, 768],
    [640, 480],
    [192, 256],
    [128, 160],
  ]);
});

test.each(models)('%s as it is chosen stands at Standard', (_name, model) => {
  expect(presetOf(withModel(empty, model), model)).toBe('standard');
});

test('a draft of the 5B is smaller, shorter and rougher; the best has more steps', () => {
  const standard = withModel(empty, official);
  expect(numbers(at('draft', standard))).toEqual([832, 480, 61, 20]);
  expect(numbers(at('standard', at('draft', standard)))).toEqual([1280, 704, 121, 50]);
  expect(numbers(at('best', standard))).toEqual([1280, 704, 121, 75]);
});

test('so it is with the shipped model', () => {
  const standard = withModel(empty, mini);
  expect(numbers(at('draft', standard, mini))).toEqual([224, 128, 13, 8]);
  expect(numbers(at('best', standard, mini))).toEqual([320, 192, 25, 30]);
});

test.each(models)('a draft of %s is at most a quarter of the work, in any shape', (_name, model) => {
  for (const [width, height] of RATIOS.map((ratio) => sizesOf(ratio, model)[0] ?? [0, 0])) {
    const chosen: Draft = { ...withModel(empty, model), width: String(width), height: String(height) };
    const [w = 0, h = 0, frames = 0, steps = 0] = numbers(at('draft', chosen, model));
    const part = (w * h * (frames + 3)) / (width * height * (model.defaults.frames + 3));
    expect(part * (steps / model.defaults.steps), `${width}×${height}`).toBeLessThan(0.25);
    expect(part, `${width}×${height}`).toBeLessThan(0.4); // decoding does not depend on steps
  }
});

test.each(models)('of %s, a preset that is taken is the one that is shown, in every shape', (_name, model) => {
  for (const [width, height] of namedSizes(model)) {
    const chosen: Draft = { ...withModel(empty, model), size: 'custom', width: String(width), height: String(height) };
    for (const preset of PRESETS) expect(presetOf(at(preset, chosen, model), model), `${width}×${height}`).toBe(preset);
  }
});

test('a tall video stays tall', () => {
  const tall: Draft = { ...withModel(empty, official), size: '704x1280', width: '704', height: '1280' };
  expect(at('draft', tall)).toMatchObject({ size: '480x832', width: '480', height: '832' });
});

test('any other shape is kept, too, and what is no number becomes the model’s own', () => {
  const long: Draft = { ...withModel(empty, official), size: 'custom', width: '1600', height: '640' };
  const [width = 0, height = 1] = numbers(at('draft', long));
  expect(width / height).toBeCloseTo(2.5, 1);
  expect(at('draft', at('draft', long))).toEqual(at('draft', long));
  const none: Draft = { ...long, width: '0', height: 'wide' };
  expect(at('standard', none)).toMatchObject({ width: '1280', height: '704' });
  const beyond: Draft = { ...long, width: '8000', height: '64' };
  expect(at('standard', beyond)).toMatchObject({ width: '1280', height: '704' });
});

test('with a picture the size follows it; a draft of it is small in its shape', () => {
  const pictured = withModel({ ...empty, picture }, official);
  expect(pictured.size).toBe('auto');
  expect(presetOf(pictured, official)).toBe('standard');
  expect(at('best', pictured).size).toBe('auto');
  expect(at('draft', pictured)).toMatchObject({ size: '640x480', width: '640', height: '480' });
  const unseen = withModel({ ...empty, picture: { ...picture, width: 0, height: 0 } }, official);
  expect(at('draft', unseen).size).toBe('auto');
});

test.each(['width', 'height', 'frames', 'steps'] as const)('%s changed by hand is no preset’s any more', (field) => {
  expect(presetOf({ ...withModel(empty, official), [field]: '96' }, official)).toBe(null);
});

test('what a preset does not set changes no preset', () => {
  const other: Draft = { ...withModel(empty, official), seed: '7', guidance: '3', fps: '12', prompt: '호수' };
  expect(presetOf(other, official)).toBe('standard');
});
