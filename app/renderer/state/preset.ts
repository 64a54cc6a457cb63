import type { Model } from '../../contract/model.ts';
import { readNumber, type Shape, sizeOf } from './draft.ts';
import { numberOf, ratioOf, shapeOf, sizeFor } from './sizes.ts';

export const PRESETS = ['draft', 'standard', 'best'] as const;
export type Preset = (typeof PRESETS)[number];

/** How many of a model's own steps are taken. */
const STEPS: Readonly<Record<Preset, number>> = { draft: 0.4, standard: 1, best: 1.5 };
/** More than this no request may ask for. */
const MOST_STEPS = 200;

type Settings = Pick<Shape, 'size' | 'width' | 'height' | 'frames' | 'steps'>;

/** What a preset stands for with this model: the shape that was chosen is kept. */
export function settingsOf(preset: Preset, draft: Shape, model: Model): Settings {
  const { frames, steps } = model.defaults;
  const half = 4 * Math.round((frames - 1) / 8) + 1;
  return {
    ...sized(preset, draft, model),
    frames: String(preset === 'draft' ? half : frames),
    steps: String(Math.min(MOST_STEPS, Math.max(1, Math.round(steps * STEPS[preset])))),
  };
}

/** The preset that the form stands at; null once something was set by hand. */
export const presetOf = (draft: Shape, model: Model): Preset | null =>
  PRESETS.find((preset) => {
    const wanted = settingsOf(preset, draft, model);
    const same = (field: keyof Settings): boolean => wanted[field] === draft[field];
    const sized = wanted.size === 'auto' || draft.size === 'auto' ? same('size') : same('width') && same('height');
    return sized && same('frames') && same('steps');
  }) ?? null;

function sized(preset: Preset, draft: Shape, model: Model): Pick<Shape, 'size' | 'width' | 'height'> {
  const { picture, size, width: across, height: down } = draft;
  const { width, height } = model.defaults;
  const known = picture && picture.width > 0 ? shapeOf([picture.width, picture.height]) : null;
  if (size === 'auto' && (preset !== 'draft' || known === null)) return { size, width: across, height: down };
  const typed = (readNumber(across) || width) / (readNumber(down) || height);
  const shape = size === 'auto' ? (known ?? typed) : typed;
  const ratio = ratioOf(shape);
  const level = preset === 'draft' ? 'small' : 'large';
  const [w, h] = sizeFor(ratio ? numberOf(ratio) : shape, level, model) ?? [width, height];
  return { size: sizeOf(w, h, model), width: String(w), height: String(h) };
}
