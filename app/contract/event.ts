import { z } from 'zod';
import { Download } from './download.ts';
import { Trouble } from './failure.ts';
import { Entry } from './gallery.ts';
import { Progress } from './job.ts';
import { Model } from './model.ts';
import { JobId } from './request.ts';

/** One line of the log. A transient line (a bar drawn with carriage returns) is replaced by the next one. */
export const LogLine = z.strictObject({
  n: z.number().int(),
  level: z.enum(['debug', 'info', 'warning', 'error', 'plain']),
  text: z.string(),
  transient: z.boolean(),
});
export type LogLine = z.infer<typeof LogLine>;

/** How the sidecar is. `failed` is final until somebody calls `restart`; `tail` is then the end of its log. */
export const SidecarState = z.strictObject({
  state: z.enum(['starting', 'ready', 'restarting', 'failed', 'stopped']),
  why: Trouble.nullable(),
  tail: z.array(z.string()),
});
export type SidecarState = z.infer<typeof SidecarState>;

/** Everything a host pushes to its windows. */
export const AppEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('progress'), progress: Progress }),
  z.strictObject({ type: z.literal('sidecar'), sidecar: SidecarState }),
  z.strictObject({ type: z.literal('model'), model: Model }),
  z.strictObject({ type: z.literal('paused'), paused: z.boolean() }),
  z.strictObject({ type: z.literal('models'), models: z.array(Model) }),
  z.strictObject({ type: z.literal('download'), download: Download }),
  z.strictObject({ type: z.literal('favourite'), job: JobId, favourite: z.boolean() }),
  z.strictObject({ type: z.literal('trashed'), job: JobId }),
  z.strictObject({ type: z.literal('restored'), entry: Entry }),
  z.strictObject({ type: z.literal('log'), lines: z.array(LogLine) }),
]);
export type AppEvent = z.infer<typeof AppEvent>;
