import type { Job } from '../../contract/job.ts';
import { bridge } from '../bridge/bridge.ts';
import { consult } from '../doctor/Doctor.tsx';
import { startFrom } from '../stage/frame.ts';
import { playOrPause, stepFrame } from '../stage/playback.ts';
import { reuse } from '../stage/reuse.ts';
import { shownNow } from '../stage/shown.ts';
import { edit, refuse, retry } from '../state/form.ts';
import { closeGallery, openGallery, useGallery } from '../state/gallery.ts';
import { openModels } from '../state/models.ts';
import { pendingOf } from '../state/next.ts';
import { choose, usePrefs } from '../state/prefs.ts';
import { openQueue, pause, useQueue } from '../state/queue.ts';
import { askToCancel, openLog, openSheet, useSheets } from '../state/sheets.ts';
import { useWorld } from '../state/store.ts';
import type { ActionId } from './table.ts';

interface Run {
  readonly run: () => void;
  /** Whether it can be done now; always, where it is not said. */
  readonly when?: () => boolean;
}

/** Something done with the job on the stage, if it is of that kind. */
const shown = (fits: (job: Job) => boolean, act: (job: Job) => void): Run => {
  const job = (): Job | undefined => {
    const one = useGallery.getState().open ? undefined : shownNow();
    return one && fits(one) ? one : undefined;
  };
  return {
    when: () => job() !== undefined,
    run: () => {
      const found = job();
      if (found) act(found);
    },
  };
};

const made = ({ state }: Job): boolean => state === 'done';
const failed = ({ state }: Job): boolean => state === 'failed' || state === 'cancelled';
const pending = () => pendingOf(useWorld.getState().jobs);
const isPaused = (): boolean => useWorld.getState().paused;
const hasContrast = (): boolean => usePrefs.getState().contrast;

/** What each action of the table does. */
export const runs: Readonly<Record<ActionId, Run>> = {
  generate: { run: () => document.querySelector('form')?.requestSubmit() },
  cancel: { when: () => pending() !== undefined, run: () => askToCancel(pending()?.job ?? null) },
  palette: { run: () => openSheet('palette') },
  queue: { run: () => openQueue(!useQueue.getState().open) },
  gallery: { run: () => (useGallery.getState().open ? closeGallery() : openGallery()) },
  settings: { run: () => openSheet('settings') },
  keys: { run: () => openSheet('keys') },
  play: shown(made, playOrPause),
  back: shown(made, ({ request }) => stepFrame(-1, request.fps)),
  forward: shown(made, ({ request }) => stepFrame(1, request.fps)),
  reuse: shown((job) => made(job) || failed(job), reuse),
  seed: shown(made, ({ request }) => edit({ seed: request.seed })),
  firstFrame: shown(made, (job) => startFrom(job, 0)),
  lastFrame: shown(made, (job) => startFrom(job, job.request.frames - 1)),
  download: shown(made, () => document.querySelector<HTMLElement>('[data-stage] a[download]')?.click()),
  reveal: shown(
    (job) => made(job) && bridge.reveal !== undefined,
    ({ output }) => void bridge.reveal?.(output ?? '').catch(refuse),
  ),
  retry: shown(failed, ({ job }) => void retry(job)),
  pause: { when: () => !isPaused(), run: () => void pause(true) },
  resume: { when: isPaused, run: () => void pause(false) },
  models: { run: openModels },
  doctor: { run: consult },
  log: { run: () => openLog(!useSheets.getState().log) },
  english: { run: () => choose({ language: 'en' }) },
  korean: { run: () => choose({ language: 'ko' }) },
  auto: { run: () => choose({ theme: 'auto' }) },
  light: { run: () => choose({ theme: 'light' }) },
  dark: { run: () => choose({ theme: 'dark' }) },
  moreContrast: { when: () => !hasContrast(), run: () => choose({ contrast: true }) },
  usualContrast: { when: hasContrast, run: () => choose({ contrast: false }) },
};

/** Whether an action can be done now. */
export const canRun = (id: ActionId): boolean => runs[id].when?.() ?? true;
