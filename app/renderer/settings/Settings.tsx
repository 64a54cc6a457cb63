import { SlidersHorizontal } from 'lucide-react';
import { HeaderButton } from '../header/HeaderButton.tsx';
import { closeSheet, openSheet, useSheets } from '../state/sheets.ts';
import { useWords } from '../words/words.ts';
import { SettingsSheet } from './SettingsSheet.tsx';

/** The way to what is the same for every video. */
export function Settings() {
  const words = useWords().settings;
  const open = useSheets((sheets) => sheets.open === 'settings');
  return (
    <>
      <HeaderButton icon={SlidersHorizontal} word={words.label} onPress={() => openSheet('settings')} />
      <SettingsSheet open={open} onClose={closeSheet} />
    </>
  );
}
