import { z } from 'zod';
import { Code, Values } from './failure.ts';
import { phases, states } from './phase.ts';
import { JobId, MediaId, Resolved } from './request.ts';

const face = {
  job: JobId,
  state: z.enum(states),
  /** What waits is made in this order. */
  rank: z.number(),
  phase: z.enum(phases).nullable(),
  step: z.number().nullable(),
  steps: z.number().nullable(),
  eta_s: z.number().nullable(),
  elapsed_s: z.number().nullable(),
  /** What it looks like so far; another id for every picture, and null once it is over. */
  preview: MediaId.nullable(),
  output: MediaId.nullable(),
  seconds: z.partialRecord(z.enum(phases), z.number()).nullable(),
  code: Code.nullable(),
  message: z.string().nullable(),
  hint: z.string().nullable(),
  case: z.string().nullable(),
  values: Values,
};

/** One line of news about a job. `seq` grows by one; a gap means: take a new snapshot. */
export const Progress = z.strictObject({ ...face, seq: z.number().int(), seed: z.string().nullable() });
export type Progress = z.infer<typeof Progress>;

export const Job = z.strictObject({ ...face, request: Resolved, created: z.string() });
export type Job = z.infer<typeof Job>;
