import { z } from 'zod';
import { Input, Resolved } from './request.ts';

/** The settings that a video carries, and what this machine can make of them. */
export const Restored = z.strictObject({
  request: Resolved,
  /** The id here of the model that it was made with; null where that is not here. */
  model: z.string().nullable(),
  /** That it began with, where there was one and it is still here. */
  picture: Input.nullable(),
  /** Whether the request makes the same video here; null where that cannot be told yet. */
  same: z.boolean().nullable(),
  /** What a later version wrote down and this one left out. */
  unknown: z.array(z.string()),
});
export type Restored = z.infer<typeof Restored>;
