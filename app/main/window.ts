import { join } from 'node:path';
import { app, BrowserWindow, screen } from 'electron';
import { fitted, readState, saveState, smallest } from '../desktop/bounds.ts';
import type { Place } from '../desktop/place.ts';
import { pagePowers } from '../desktop/policy.ts';

/** The one window, where it was when it was last closed. */
export function openWindow({ windowFile }: Place): BrowserWindow {
  const state = readState(windowFile);
  const window = new BrowserWindow({
    ...fitted(state, screen.getAllDisplays()),
    ...smallest,
    title: 'Artifex',
    show: false,
    autoHideMenuBar: true,
    webPreferences: pagePowers(join(import.meta.dirname, 'preload.cjs'), !app.isPackaged),
  });
  window.once('ready-to-show', () => (state?.maximized ? window.maximize() : window.show()));
  window.on('close', () => saveState(windowFile, { ...window.getNormalBounds(), maximized: window.isMaximized() }));
  app.on('second-instance', () => bringToFront(window));
  return window;
}

/** Shows the window before all others. */
export function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
