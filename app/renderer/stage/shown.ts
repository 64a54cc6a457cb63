import type { Job } from '../../contract/job.ts';
import { useForm } from '../state/form.ts';
import { useWorld } from '../state/store.ts';

/** The job on the stage: the one that was chosen, or the one being made, or the newest. */
export const shownOf = (jobs: readonly Job[], chosen: string | null): Job | undefined =>
  jobs.find(({ job }) => job === chosen) ?? jobs.find(({ state }) => state === 'running') ?? jobs.at(-1);

/** The same, at this moment. */
export const shownNow = (): Job | undefined => shownOf(useWorld.getState().jobs, useForm.getState().shown);
