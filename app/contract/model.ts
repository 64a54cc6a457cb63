import { z } from 'zod';
import { Guidance } from './request.ts';

export const Defaults = z.strictObject({
  width: z.number(),
  height: z.number(),
  frames: z.number(),
  fps: z.number(),
  steps: z.number(),
  guidance: Guidance,
  shift: z.number(),
  solver: z.string(),
  negative_prompt: z.string(),
});
export type Defaults = z.infer<typeof Defaults>;

/** A checkpoint that can be chosen. `multiple` is the step of width and height in pixels. */
export const Model = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  shipped: z.boolean(),
  state: z.enum(['ready', 'missing', 'broken']),
  note: z.string().nullable(),
  defaults: Defaults,
  multiple: z.number(),
  sizes: z.array(z.tuple([z.number(), z.number()])),
  max_frames: z.number(),
  min_side: z.number(),
  max_side: z.number(),
  images: z.boolean(),
});
export type Model = z.infer<typeof Model>;
