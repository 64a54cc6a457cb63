export const states = ['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted'] as const;
export type JobState = (typeof states)[number];

/** In the order in which a job goes through them; `image` only with a picture. */
export const phases = ['load', 'text', 'image', 'denoise', 'decode', 'write'] as const;
export type Phase = (typeof phases)[number];

/** Nothing more will come of it. An interrupted job waits: it is tried once more. */
export const isOver = (state: JobState): boolean => state === 'done' || state === 'failed' || state === 'cancelled';
