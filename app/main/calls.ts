import { type BrowserWindow, dialog, ipcMain, shell } from 'electron';
import { CHANNEL } from '../contract/channel.ts';
import type { Core } from '../core/core.ts';
import { answerCall, type Hands } from '../desktop/door.ts';
import { bringToFront } from './window.ts';

/** The one channel: calls of the page are answered, and everything that happens is pushed to it. */
export function answerCalls(core: Core, window: BrowserWindow): void {
  const hands: Hands = {
    chooseFolder: async () =>
      (await dialog.showOpenDialog(window, { properties: ['openDirectory'] })).filePaths[0] ?? null,
    reveal: (path) => shell.showItemInFolder(path),
    comeForward: () => bringToFront(window),
  };
  ipcMain.handle(CHANNEL, ({ senderFrame }, method: unknown, params: unknown) =>
    answerCall(core, hands, senderFrame, method, params),
  );
  const { webContents } = window;
  const push = (event: unknown) => webContents.isDestroyed() || webContents.send(CHANNEL, event);
  core.on(push);
  webContents.on('did-finish-load', () => push({ type: 'sidecar', sidecar: core.sidecar }));
}
