import { app, type BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron';
import { clickMenu, menuBar } from '../desktop/menu.ts';
import type { Words } from '../desktop/words.ts';

const build = (items: readonly object[]): Menu => Menu.buildFromTemplate(items as MenuItemConstructorOptions[]);

/** The menu bar with its keys, and the menu of a right click into a text. */
export function putMenu(window: BrowserWindow, words: Words): void {
  Menu.setApplicationMenu(build(menuBar(words, !app.isPackaged, process.platform)));
  window.webContents.on('context-menu', (_, clicked) => {
    const items = clickMenu(words, clicked);
    if (items.length > 0) build(items).popup({ window });
  });
}
