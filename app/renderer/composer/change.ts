import type { Job } from '../../contract/job.ts';
import { reuse } from '../stage/reuse.ts';
import { beginChange } from '../state/form.ts';
import { openQueue } from '../state/queue.ts';
import { goOn } from './goOn.ts';

/** Where the queue lies over the form. */
const NARROW = '(max-width: 859px)';

/** Puts a job that waits into the form, to be saved in place of what it was. */
export function change(job: Job): void {
  beginChange(job.job);
  reuse(job);
  if (matchMedia(NARROW).matches) openQueue(false);
  goOn();
}
