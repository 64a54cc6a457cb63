import { z } from 'zod';

/** A picture, a video or a preview in the sidecar's library; never a path. */
export const MediaId = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/);
export const JobId = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/);

export const Guidance = z.union([z.number(), z.tuple([z.number(), z.number()])]);
export type Guidance = z.infer<typeof Guidance>;

/**
 * What the window may ask for. Ranges are the sidecar's to judge, so that the words of a refusal stand in one place;
 * `out` and picture paths are not here on purpose.
 */
export const Request = z.strictObject({
  prompt: z.string(),
  model: z.string().max(200).optional(),
  negative_prompt: z.string().optional(),
  image: MediaId.optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  frames: z.number().optional(),
  fps: z.number().optional(),
  steps: z.number().optional(),
  guidance: Guidance.optional(),
  shift: z.number().optional(),
  solver: z.string().optional(),
  seed: z.string().optional(),
});
export type Request = z.infer<typeof Request>;

/** What is always there: a model's own choices, or a request's. */
export const Settings = z.strictObject({
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

/** A request with every default filled in. `seed` is a decimal string: it does not fit a JavaScript number. */
export const Resolved = Settings.extend({
  prompt: z.string(),
  model: z.string(),
  image: MediaId.nullable(),
  seed: z.string(),
});
export type Resolved = z.infer<typeof Resolved>;

/** A picture that was handed in by content. */
export const Input = z.strictObject({
  id: MediaId,
  width: z.number(),
  height: z.number(),
  type: z.string(),
});
export type Input = z.infer<typeof Input>;
