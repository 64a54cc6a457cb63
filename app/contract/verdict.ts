import { z } from 'zod';
import { Trouble } from './failure.ts';

const bytes = z.number().nonnegative();

/** What a video would take, told before it is made. Sizes are bytes; null is what cannot be known. */
export const Verdict = z.strictObject({
  fits: z.boolean().nullable(),
  /** Expected peaks of the GPU’s memory; a CPU has none. */
  denoise: bytes.nullable(),
  decode: bytes.nullable(),
  /** What waiting weights take; on a CPU, everything. */
  ram: bytes.nullable(),
  /** On disk. */
  video: bytes,
  /** On disk, too: a faster copy of the model that is still to be made. */
  copy: bytes.nullable(),
  /** From what was made on this machine before. */
  seconds: z.number().nonnegative().nullable(),
  plan: z.string().nullable(),
  /** What `generate` would meet. */
  refusal: Trouble.nullable(),
});
export type Verdict = z.infer<typeof Verdict>;
