import type { Failure, Trouble } from '../../contract/failure.ts';
import type { Model } from '../../contract/model.ts';
import { sentence } from '../../contract/refusal.ts';
import type { Guidance, Input, Request, Resolved } from '../../contract/request.ts';
import { namedSizes } from './sizes.ts';

/** What stands in the form. Numbers are text as typed: an empty one means “the model’s own”. */
export interface Draft {
  readonly prompt: string;
  readonly negative_prompt: string;
  readonly picture: Input | null;
  readonly model: string | null;
  /** `auto` follows the picture; `custom` takes width and height. */
  readonly size: 'auto' | 'custom' | `${number}x${number}`;
  readonly width: string;
  readonly height: string;
  readonly frames: string;
  readonly fps: string;
  readonly steps: string;
  readonly guidance: string;
  readonly shift: string;
  readonly solver: string;
  readonly seed: string;
  /** How many videos, each with the seed after the one before. */
  readonly count: string;
}

/** What decides how large, how long and how fine a video is; words change nothing of it. */
export type Shape = Pick<Draft, 'model' | 'picture' | 'size' | 'width' | 'height' | 'frames' | 'steps'>;

export type Field = keyof Request | 'count';
/** A field that holds text as it was typed. */
export type TypedField = Exclude<Field, 'image' | 'model'>;
export type Errors = Partial<Record<Field, Trouble>>;

const notANumber = sentence(
  'BAD_REQUEST',
  'not_a_number',
  {},
  'This is not a number.',
  'Type a number, or leave it empty for the model’s own.',
);

export const empty: Draft = {
  prompt: '',
  negative_prompt: '',
  picture: null,
  model: null,
  size: 'custom',
  width: '',
  height: '',
  frames: '',
  fps: '',
  steps: '',
  guidance: '',
  shift: '',
  solver: '',
  seed: '',
  count: '1',
};

const FIELDS: ReadonlySet<string> = new Set<Field>([
  ...(['prompt', 'negative_prompt', 'image', 'model', 'width', 'height', 'frames', 'fps', 'steps'] as const),
  ...(['guidance', 'shift', 'solver', 'seed', 'count'] as const),
]);

export const guidanceText = (guidance: Guidance): string =>
  Array.isArray(guidance) ? guidance.join(', ') : String(guidance);

export const sizeOf = (width: number, height: number, model: Model | undefined): Draft['size'] =>
  model && namedSizes(model).some(([w, h]) => w === width && h === height) ? `${width}x${height}` : 'custom';

/** The form after a model is chosen: its own settings, the person's own words and picture. */
export function withModel(draft: Draft, model: Model): Draft {
  const { width, height, frames, fps, steps, guidance, shift, solver } = model.defaults;
  const picture = model.images ? draft.picture : null;
  return {
    ...draft,
    picture,
    model: model.id,
    size: picture ? 'auto' : sizeOf(width, height, model),
    width: String(width),
    height: String(height),
    frames: String(frames),
    fps: String(fps),
    steps: String(steps),
    guidance: guidanceText(guidance),
    shift: String(shift),
    solver,
  };
}

/** The form as it stood for a job that was made. */
export function withJob(draft: Draft, request: Resolved, model: Model | undefined, picture: Input | null): Draft {
  return {
    ...draft,
    prompt: request.prompt,
    negative_prompt: request.negative_prompt === model?.defaults.negative_prompt ? '' : request.negative_prompt,
    picture,
    model: request.model,
    size: sizeOf(request.width, request.height, model),
    width: String(request.width),
    height: String(request.height),
    frames: String(request.frames),
    fps: String(request.fps),
    steps: String(request.steps),
    guidance: guidanceText(request.guidance),
    shift: String(request.shift),
    solver: request.solver,
    seed: request.seed,
    count: '1',
  };
}

/** The request the form stands for, and for how many; or the fields that hold no number. */
export function toRequest(draft: Draft): { request: Request; count: number } | { errors: Errors } {
  const errors: Errors = {};
  const numbers: Partial<Record<'width' | 'height' | 'frames' | 'fps' | 'steps' | 'shift', number>> = {};
  const take = (field: keyof typeof numbers, text: string): void => {
    if (text.trim() === '') return;
    const number = readNumber(text);
    if (number === null) errors[field] = notANumber;
    else numbers[field] = number;
  };
  const [width, height] = draft.size === 'custom' ? [draft.width, draft.height] : splitSize(draft.size);
  take('width', width);
  take('height', height);
  for (const field of ['frames', 'fps', 'steps', 'shift'] as const) take(field, draft[field]);
  const guidance = readGuidance(draft.guidance);
  if (guidance === null) errors.guidance = notANumber;
  if (!/^-?\d*$/.test(draft.seed.trim())) errors.seed = notANumber;
  const count = draft.count.trim() === '' ? 1 : readNumber(draft.count);
  if (count === null) errors.count = notANumber;
  if (count === null || Object.keys(errors).length > 0) return { errors };
  return {
    count,
    request: {
      prompt: draft.prompt,
      ...(draft.model ? { model: draft.model } : {}),
      ...(draft.negative_prompt.trim() ? { negative_prompt: draft.negative_prompt } : {}),
      ...(draft.picture ? { image: draft.picture.id } : {}),
      ...numbers,
      ...(guidance !== undefined && guidance !== null ? { guidance } : {}),
      ...(draft.solver ? { solver: draft.solver } : {}),
      ...(draft.seed.trim() ? { seed: draft.seed.trim() } : {}),
    },
  };
}

/** Which field a refusal is about, if it is one of the form's: `$.request.frames` is `frames`. */
export function fieldOf(failure: Failure): Field | null {
  const name = /^\$\.(?:request\.)?(\w+)/.exec(failure.field ?? '')?.[1];
  return name !== undefined && FIELDS.has(name) ? (name as Field) : null;
}

export const readNumber = (text: string): number | null => {
  const number = Number(text.trim().replace(',', '.'));
  return text.trim() !== '' && Number.isFinite(number) ? number : null;
};

/** How many videos the form stands for; what is no such number is refused when it is sent. */
export function countOf({ count }: Draft): number {
  const number = readNumber(count) ?? 1;
  return Number.isInteger(number) ? Math.max(1, number) : 1;
}

const splitSize = (size: Draft['size']): [string, string] => {
  const [width = '', height = ''] = size === 'auto' ? [] : size.split('x');
  return [width, height];
};

/** One number, or two for a model with two experts: “3, 4”. */
function readGuidance(text: string): Guidance | null | undefined {
  if (text.trim() === '') return undefined;
  const [one, two, ...more] = text.split(/[,;]\s+|;/).map(readNumber);
  if (one === undefined || one === null || two === null || more.length > 0) return null;
  return two === undefined ? one : [one, two];
}
