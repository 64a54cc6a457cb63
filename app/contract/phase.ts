export const states = ['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted'] as const;
export type JobState = (typeof states)[number];

/** In the order in which a job goes through them; `image` only with a picture. */
export const phases = ['load', 'text', 'image', 'denoise', 'decode', 'write'] as const;
export type Phase = (typeof phases)[number];

/** Nothing more will come of it. An interrupted job waits: it is tried once more. */
export const isOver = (state: JobState): boolean => state === 'done' || state === 'failed' || state === 'cancelled';

export const downloadStates = ['asking', 'checking', 'fetching', 'waiting', 'paused', 'done', 'cancelled'] as const;
export type DownloadState = (typeof downloadStates)[number];

/** Nothing more will come of a download, or of verifying one. */
export const isSettled = (state: DownloadState): boolean => state === 'done' || state === 'cancelled';
