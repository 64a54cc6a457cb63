import { useEffect } from 'react';
import { fraction } from '../../contract/fraction.ts';
import { useWorld } from '../state/store.ts';

/** How far the video is that is being made, whichever is looked at. */
export function useTitle(): void {
  const job = useWorld(({ jobs }) => jobs.find(({ state }) => state === 'running'));
  const title = job ? `${Math.floor(fraction(job) * 100)}% · ${job.request.prompt.slice(0, 40)}` : 'Artifex';
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = 'Artifex';
    };
  }, [title]);
}
