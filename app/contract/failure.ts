import { z } from 'zod';

/** The closed list of reasons; the window translates them, the sidecar and Core use no others. */
export const codes = [
  'BAD_LINE',
  'BAD_REQUEST',
  'UNKNOWN_OP',
  'UNKNOWN_JOB',
  'UNKNOWN_MEDIA',
  'MODEL_MISSING',
  'MODEL_CORRUPT',
  'INPUT_BAD_IMAGE',
  'INPUT_BAD_VIDEO',
  'OUTPUT_DENIED',
  'DISK_FULL',
  'DOWNLOAD_FAILED',
  'VRAM_OOM',
  'RAM_OOM',
  'ENGINE_CRASHED',
  'ENGINE_HUNG',
  'TORCH_CPU_ONLY',
  'DRIVER_OLD',
  'GPU_UNSUPPORTED',
  'PYTHON_MISSING',
  'CANCELLED',
  'PROTOCOL',
  'BUSY',
  'INTERNAL',
] as const;

export const Code = z.enum(codes);
export type Code = z.infer<typeof Code>;

export const Values = z.record(z.string(), z.union([z.string(), z.number()]));
export type Values = z.infer<typeof Values>;

/** What went wrong and what to do, in English; `case` and `values` are for the other languages. */
export const trouble = {
  code: Code,
  message: z.string(),
  hint: z.string().nullable(),
  case: z.string().nullable(),
  values: Values,
};
export const Trouble = z.strictObject(trouble);
export type Trouble = z.infer<typeof Trouble>;

/** Why something was refused, and which field it was about (`$.request.frames`). */
export const Failure = z.strictObject({ ...trouble, field: z.string().nullable() });
export type Failure = z.infer<typeof Failure>;
