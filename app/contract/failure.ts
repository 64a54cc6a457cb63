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
  'OUTPUT_DENIED',
  'DISK_FULL',
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

/** Why something was refused, in words, and which field it was about (`$.request.frames`). */
export const Failure = z.strictObject({
  code: Code,
  message: z.string(),
  hint: z.string().nullable(),
  field: z.string().nullable(),
});
export type Failure = z.infer<typeof Failure>;
