import { create } from 'zustand';
import type { Trouble } from '../../contract/failure.ts';
import type { Job } from '../../contract/job.ts';
import { bridge } from '../bridge/bridge.ts';
import { failureOf } from './form.ts';
import { waitingOf } from './next.ts';
import { useWorld } from './store.ts';

interface Queue {
  readonly open: boolean;
  /** What was taken out last, in its order: it can be put back until the next action. */
  readonly removed: readonly string[];
  /** Where the last one that was moved stands now, and of how many. */
  readonly moved: readonly [place: number, count: number] | null;
  readonly refusal: Trouble | null;
}

export const useQueue = create<Queue>(() => ({ open: false, removed: [], moved: null, refusal: null }));

export const openQueue = (open: boolean): void => useQueue.setState({ open });

async function act(work: () => Promise<unknown>): Promise<void> {
  useQueue.setState({ removed: [], moved: null, refusal: null });
  try {
    await work();
  } catch (error) {
    useQueue.setState({ refusal: failureOf(error) });
  }
}

const order = (): readonly string[] => waitingOf(useWorld.getState().jobs).map(({ job }) => job);

export const step = (job: string, by: 1 | -1): Promise<void> => place(job, order().indexOf(job) + by);

/** Puts a job that waits at a place in the order; beyond either end there is none. */
export async function place(job: string, at: number): Promise<void> {
  const before = order();
  if (!before.includes(job) || at < 0 || at >= before.length || before[at] === job) return;
  await act(async () => {
    await bridge.call('move', { job, before: before.filter((one) => one !== job)[at] ?? null });
    useQueue.setState({ moved: [at + 1, before.length] });
  });
}

export const pause = (paused: boolean): Promise<void> => act(() => bridge.call(paused ? 'pause' : 'resume', {}));

/** Another one like it, at the end: of the same seed it would be the same video. */
export const duplicate = ({ request: { seed: _seed, image, ...settings } }: Job): Promise<void> =>
  act(() => bridge.call('generate', { request: { ...settings, ...(image === null ? {} : { image }) } }));

/** Takes jobs out, the last first; whose turn has come meanwhile is left to it. */
const takeOut = (jobs: readonly string[]): Promise<void> =>
  act(async () => {
    for (const job of [...jobs].reverse()) {
      if (!order().includes(job)) continue;
      await bridge.call('cancel', { job });
      useQueue.setState(({ removed }) => ({ removed: [job, ...removed] }));
    }
  });

export const remove = (job: string): Promise<void> => takeOut([job]);

export const clear = (): Promise<void> => takeOut(order());

/** Puts back what was taken out last, each to where it was. */
export function undo(): Promise<void> {
  const { removed } = useQueue.getState();
  return act(async () => {
    for (const job of removed) await bridge.call('retry', { job });
  });
}
