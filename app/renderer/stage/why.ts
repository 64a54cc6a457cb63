import type { Job } from '../../contract/job.ts';
import type { Sayable } from '../words/said.ts';

/** Why a job came to nothing or was interrupted, where somebody said so. */
export const whyOf = ({ code, message, hint, case: name, values }: Job): Sayable | null =>
  message === null ? null : { code, message, hint, case: name, values };
