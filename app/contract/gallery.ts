import { z } from 'zod';
import { phases } from './phase.ts';
import { JobId, MediaId, Resolved } from './request.ts';

/** A video that was made. */
export const Entry = z.strictObject({
  job: JobId,
  output: MediaId,
  request: Resolved,
  created: z.string(),
  elapsed_s: z.number().nullable(),
  seconds: z.partialRecord(z.enum(phases), z.number()).nullable(),
  favourite: z.boolean(),
  /** Its file is gone. */
  missing: z.boolean(),
});
export type Entry = z.infer<typeof Entry>;

/** Which videos are wanted; what is absent does not matter. */
export const Wanted = z.strictObject({
  /** Somewhere in the prompt. */
  text: z.string().min(1).max(4096).optional(),
  model: z.string().max(200).optional(),
  favourite: z.boolean().optional(),
  /** Asked for at or after; seconds since 1970. */
  since: z.number().int().nonnegative().optional(),
});
export type Wanted = z.infer<typeof Wanted>;

/** Some of them, newest first. */
export const Page = z.strictObject({
  entries: z.array(Entry),
  more: z.boolean(),
  /** On all pages. */
  count: z.number(),
  /** The models of all videos. */
  made_with: z.array(z.string()),
});
export type Page = z.infer<typeof Page>;
