import type { Model } from '../../contract/model.ts';

export type Size = readonly [width: number, height: number];

/** The shapes that people ask for. */
export const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4'] as const;
export type Ratio = (typeof RATIOS)[number];
export type Level = 'large' | 'small';

type Limits = Pick<Model, 'defaults' | 'sizes' | 'multiple' | 'min_side' | 'max_side'>;

/** Two shapes that differ by no more than this look the same: 1280×704 is called 16:9. */
const ALIKE = 1.08;
/** How far an area may be from the one that is wanted. */
const LEAST = 0.6;
const MOST = 1.1;

const distortion = (one: number, other: number): number => Math.max(one / other, other / one);
const areaOf = ([width, height]: Size): number => width * height;

/** How many times as wide as high. */
export const shapeOf = ([width, height]: Size): number => width / height;

export function numberOf(ratio: Ratio): number {
  const [across = 1, down = 1] = ratio.split(':').map(Number);
  return across / down;
}

/** The shape as people call it, if it has a name. */
export const ratioOf = (shape: number): Ratio | null =>
  RATIOS.find((ratio) => distortion(numberOf(ratio), shape) <= ALIKE) ?? null;

/** The pixels of a model's own size, and those of its next smaller one (or half). */
export function areaAt(level: Level, { defaults: { width, height }, sizes }: Limits): number {
  const whole = width * height;
  const smaller = sizes.filter((size) => distortion(shapeOf(size), width / height) <= ALIKE && areaOf(size) < whole);
  return level === 'large' ? whole : Math.max(...smaller.map(areaOf), 0) || whole / 2;
}

/** Which of a model's two areas a size is nearer to. */
export const levelOf = (size: Size, model: Limits): Level =>
  areaOf(size) ** 2 < areaAt('large', model) * areaAt('small', model) ? 'small' : 'large';

/** The size of about that shape and area: one that the model is known to do well, or else one that it can do. */
export function sizeFor(shape: number, level: Level, model: Limits): Size | null {
  const area = areaAt(level, model);
  const near = (size: Size): boolean => areaOf(size) >= LEAST * area && areaOf(size) <= MOST * area;
  const fits = (size: Size): boolean => near(size) && distortion(shapeOf(size), shape) <= ALIKE;
  const off = (size: Size): number => distortion(areaOf(size), area);
  const { width, height } = model.defaults;
  const known = [[width, height] as const, ...model.sizes].filter(fits).sort((one, other) => off(one) - off(other))[0];
  if (known) return known;
  const [first] = possible(shape, model)
    .filter(fits)
    .map((size) => ({ size, rank: [distortion(shapeOf(size), shape), off(size)] as const }))
    .sort(({ rank: one }, { rank: other }) => one[0] - other[0] || one[1] - other[1]);
  return first?.size ?? null;
}

/** For every width that a model can do, the heights around the shape's. */
function possible(shape: number, { multiple, min_side, max_side }: Limits): readonly Size[] {
  const fits = (side: number): boolean => side >= min_side && side <= max_side;
  const widths = Array.from({ length: Math.floor(max_side / multiple) }, (_, n) => (n + 1) * multiple).filter(fits);
  return widths.flatMap((width) => {
    const low = Math.floor(width / shape / multiple) * multiple;
    return [low, low + multiple].filter(fits).map((height): Size => [width, height]);
  });
}

/** The sizes that have a name: every shape that the model can do, large and small. */
export const namedSizes = (model: Limits): readonly Size[] => RATIOS.flatMap((ratio) => sizesOf(ratio, model));

/** A shape's sizes, the large one first. */
export function sizesOf(ratio: Ratio, model: Limits): readonly Size[] {
  const [large, small] = (['large', 'small'] as const).map((level) => sizeFor(numberOf(ratio), level, model));
  return [large, String(small) === String(large) ? null : small].filter((size) => size != null);
}
