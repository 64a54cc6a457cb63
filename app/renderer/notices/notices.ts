import type { Job } from '../../contract/job.ts';
import { bridge } from '../bridge/bridge.ts';
import { show } from '../state/form.ts';
import { usePrefs } from '../state/prefs.ts';
import { useWorld } from '../state/store.ts';
import { wordsNow } from '../words/words.ts';
import { endings } from './endings.ts';

const exist = 'Notification' in window;

/** Whether the browser lets us; it may forget that a person said so. */
export const areAllowed = (): boolean => exist && Notification.permission === 'granted';

/** Asks the person, through the browser, unless they have answered already. */
export const askForNotices = async (): Promise<boolean> =>
  exist && (await Notification.requestPermission()) === 'granted';

function tell({ job, state, request }: Job): void {
  const words = wordsNow().notices;
  const notice = new Notification(state === 'done' ? words.done : words.failed, { body: request.prompt, tag: job });
  notice.onclick = () => {
    show(job);
    void bridge.comeForward?.();
    window.focus();
    notice.close();
  };
}

/** Tells who looks elsewhere that a video has ended, if they wish; called once, when the page starts. */
export function tellEndings(): void {
  let known: readonly Job[] | null = null; // none, until the sidecar has said what there is
  useWorld.subscribe(({ jobs, synced }) => {
    const ended = known ? endings(known, jobs) : [];
    if (known || synced) known = jobs;
    if (!usePrefs.getState().notices || !areAllowed() || document.hasFocus()) return;
    for (const job of ended) tell(job);
  });
}
