import { z } from 'zod';
import { Trouble } from './failure.ts';
import { Settings } from './request.ts';

/** A checkpoint that can be chosen. `multiple` is the step of width and height in pixels. */
export const Model = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  shipped: z.boolean(),
  state: z.enum(['ready', 'missing', 'broken']),
  /** What its makers say of it, by language. */
  note: z.record(z.string(), z.string()),
  /** Why it cannot be used. */
  trouble: Trouble.nullable(),
  defaults: Settings,
  multiple: z.number(),
  sizes: z.array(z.tuple([z.number(), z.number()])),
  max_frames: z.number(),
  min_side: z.number(),
  max_side: z.number(),
  images: z.boolean(),
});
export type Model = z.infer<typeof Model>;
