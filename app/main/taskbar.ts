import { type BrowserWindow, powerSaveBlocker } from 'electron';
import type { Core } from '../core/core.ts';
import type { Watch } from '../desktop/watch.ts';

/** The job on the taskbar, and the machine kept awake while one runs. */
export function showJobs(core: Core, window: BrowserWindow, watch: Watch): void {
  let awake: number | null = null;
  core.on((event) => {
    const sight = watch.see(event);
    if (!sight || window.isDestroyed()) return;
    window.setProgressBar(sight.fraction ?? -1);
    if (watch.running) awake ??= powerSaveBlocker.start('prevent-app-suspension');
    else if (awake !== null) {
      powerSaveBlocker.stop(awake);
      awake = null;
    }
  });
}
