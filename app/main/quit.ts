import { app, type BrowserWindow, dialog } from 'electron';
import { type Leaving, question } from '../desktop/leaving.ts';
import { whenToldToLeave } from '../desktop/parent.ts';
import type { Words } from '../desktop/words.ts';
import { bringToFront } from './window.ts';

/** Holds every quit back until everything has been left in order. */
export function quitInOrder(window: BrowserWindow, leaving: Leaving): void {
  const hold = (event: { preventDefault(): void }): void => {
    if (leaving.done) return;
    event.preventDefault();
    void leaving.ask();
  };
  app.on('before-quit', hold);
  window.on('close', hold);
  whenToldToLeave(() => void leaving.now());
}

/** Whether the person wants to quit although a video is being made. */
export async function askToQuit(window: BrowserWindow, words: Words): Promise<boolean> {
  bringToFront(window);
  return (await dialog.showMessageBox(window, question(words))).response === 1;
}
