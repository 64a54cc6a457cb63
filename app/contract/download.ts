import { z } from 'zod';
import { Trouble } from './failure.ts';
import { downloadStates } from './phase.ts';

const bytes = z.number().nonnegative();

/** The one download, or verification of one. `n` grows with each that is told: what comes late is known as old. */
export const Download = z.strictObject({
  n: z.number().int(),
  what: z.enum(['download', 'verify']),
  offer: z.string(),
  name: z.string(),
  /** Its folder, as far as a window may see it. */
  path: z.string(),
  state: z.enum(downloadStates),
  /** That is being fetched or hashed. */
  file: z.string().nullable(),
  bytes,
  /** Of all files; null before the hub has said so. */
  whole: bytes.nullable(),
  /** Bytes a second. */
  speed: bytes.nullable(),
  eta_s: z.number().nonnegative().nullable(),
  /** The id of its model, once that can be chosen. */
  model: z.string().nullable(),
  /** Why it is paused, or what it waits out. */
  trouble: Trouble.nullable(),
});
export type Download = z.infer<typeof Download>;

/** What can be downloaded, and where the models are that are here. */
export const Catalog = z.strictObject({
  offers: z.array(z.strictObject({ id: z.string(), name: z.string(), about: bytes })),
  places: z.array(
    z.strictObject({
      model: z.string(),
      path: z.string(),
      bytes: bytes.nullable(),
      origin: z.enum(['shipped', 'downloaded', 'added', 'configured']),
    }),
  ),
  /** Where downloads come from unless something else is asked for. */
  hub: z.string(),
});
export type Catalog = z.infer<typeof Catalog>;
