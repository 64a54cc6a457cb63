import { choose, usePrefs } from '../state/prefs.ts';
import { useWorld } from '../state/store.ts';

/** After the first video nobody is greeted again; called once, when the page starts. */
export function rememberFirst(): void {
  useWorld.subscribe(({ jobs, synced }) => {
    if (!synced || usePrefs.getState().greeted || !jobs.some(({ state }) => state === 'done')) return;
    choose({ greeted: true });
  });
}
