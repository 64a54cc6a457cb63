import type { Words } from './words.ts';

const separator = { type: 'separator' } as const;

const editing = ({ edit }: Words) =>
  [
    { role: 'cut', label: edit.cut },
    { role: 'copy', label: edit.copy },
    { role: 'paste', label: edit.paste },
    { role: 'selectAll', label: edit.selectAll },
  ] as const;

/** The menu bar, whose keys work also where it is hidden; `dev` adds what is for those who work on the page. */
export function menuBar(words: Words, dev: boolean, platform: NodeJS.Platform) {
  const { edit, view } = words;
  return [
    ...(platform === 'darwin' ? ([{ role: 'appMenu' }] as const) : []),
    { label: edit.title, submenu: [{ role: 'undo' }, { role: 'redo' }, separator, ...editing(words)] },
    {
      label: view.title,
      submenu: [
        { role: 'zoomIn', label: view.bigger },
        { role: 'zoomOut', label: view.smaller },
        { role: 'resetZoom', label: view.usual },
        { role: 'togglefullscreen', label: view.full },
        ...(dev ? ([separator, { role: 'reload' }, { role: 'toggleDevTools' }] as const) : []),
      ],
    },
  ] as const;
}

/** The menu of a right click: all of editing in a field, copying where text is selected, otherwise nothing. */
export function clickMenu(words: Words, { isEditable, selectionText }: { isEditable: boolean; selectionText: string }) {
  if (isEditable) return editing(words);
  return editing(words).filter((item) => item.role === 'copy' && selectionText !== '');
}
