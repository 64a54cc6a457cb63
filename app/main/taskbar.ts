import { app, type BrowserWindow, Notification, powerSaveBlocker } from 'electron';
import type { Core } from '../core/core.ts';
import type { Watch } from '../desktop/watch.ts';
import { wordsOf } from '../desktop/words.ts';
import { bringToFront } from './window.ts';

/** The job on the taskbar; the machine kept awake while one runs; a notice at its end to who looks elsewhere. */
export function showJobs(core: Core, window: BrowserWindow, watch: Watch): void {
  let awake: number | null = null;
  core.on(async (event) => {
    const sight = watch.see(event);
    if (!sight || window.isDestroyed()) return;
    window.setProgressBar(sight.fraction ?? -1);
    if (watch.running) awake ??= powerSaveBlocker.start('prevent-app-suspension');
    else if (awake !== null) {
      powerSaveBlocker.stop(awake);
      awake = null;
    }
    if (!sight.ended || window.isFocused()) return;
    const [title, body] = (await wordsOf(core, app.getLocale()))[sight.ended];
    const notice = new Notification({ title, body });
    notice.on('click', () => bringToFront(window));
    notice.show();
  });
}
