import { SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { HeaderButton } from '../header/HeaderButton.tsx';
import { useWords } from '../words/words.ts';
import { SettingsSheet } from './SettingsSheet.tsx';

/** The way to what is the same for every video. */
export function Settings() {
  const words = useWords().settings;
  const [open, setOpen] = useState(false);
  return (
    <>
      <HeaderButton icon={SlidersHorizontal} word={words.label} onPress={() => setOpen(true)} />
      <SettingsSheet open={open} onClose={() => setOpen(false)} />
    </>
  );
}
