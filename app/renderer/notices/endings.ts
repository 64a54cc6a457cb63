import type { Job } from '../../contract/job.ts';
import { isOver } from '../../contract/phase.ts';

/** The jobs, oldest first, that have come to an end worth telling since `before`: made, or failed, however quickly. */
export function endings(before: readonly Job[], now: readonly Job[]): readonly Job[] {
  const states = new Map(before.map(({ job, state }) => [job, state]));
  const known = now.findLastIndex(({ job }) => states.has(job));
  return now.filter(({ job, state }, at) => {
    const was = states.get(job);
    return (state === 'done' || state === 'failed') && (was ? !isOver(was) : at > known);
  });
}
