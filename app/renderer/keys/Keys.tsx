import { useEffect } from 'react';
import { Palette } from '../palette/Palette.tsx';
import { closeSheet, useSheets } from '../state/sheets.ts';
import { KeysSheet } from './KeysSheet.tsx';
import { mac } from './mac.ts';
import { canRun, runs } from './runs.ts';
import { actionOf, table } from './table.ts';

/** Where letters are text, or look something up in a list. */
const TYPING =
  'input:not([type="radio"], [type="checkbox"]), textarea, select, [role="listbox"], [aria-haspopup="listbox"]';
/** What Space means something to. */
const PRESSED = 'a, button, input, summary, video, [role]';

/** Whether whatever has the focus needs the key itself. */
const isTaken = (target: Element, chord: string): boolean =>
  !chord.startsWith('Mod+') && target.closest(chord === 'Space' ? `${TYPING}, ${PRESSED}` : TYPING) !== null;

function hear(event: KeyboardEvent): void {
  const { target } = event;
  // A sheet has the keys for itself; an input method, too: 229 is how some say that it composes.
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
  const id = actionOf(event, mac);
  const chord = id && table[id];
  if (!chord || !(target instanceof Element) || isTaken(target, chord) || !canRun(id)) return;
  if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return;
  event.preventDefault();
  runs[id].run();
}

/** Listens to the keys of the table, wherever the focus is; and what two of them open. */
export function Keys() {
  const open = useSheets((sheets) => sheets.open);
  useEffect(() => {
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, []);
  return (
    <>
      <KeysSheet open={open === 'keys'} onClose={closeSheet} />
      <Palette open={open === 'palette'} onClose={closeSheet} />
    </>
  );
}
