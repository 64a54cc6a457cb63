import { Keyboard } from 'lucide-react';
import { Button } from '../controls/Button.tsx';
import { Choice } from '../controls/Choice.tsx';
import { cx } from '../controls/cx.ts';
import { Sheet } from '../controls/Sheet.tsx';
import { Toggle } from '../controls/Toggle.tsx';
import { choose, usePrefs } from '../state/prefs.ts';
import { openSheet } from '../state/sheets.ts';
import { useWords } from '../words/words.ts';
import { NoticesToggle } from './NoticesToggle.tsx';
import s from './SettingsSheet.module.css';
import { VideosFolder } from './VideosFolder.tsx';

/** What cards have, less a little for other programs. */
const GIB = [4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32];

/** What is the same for every video, and how the window tells of them; language and colours are in the header. It counts at once and is remembered. */
export function SettingsSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const words = useWords();
  const { vram, contrast } = usePrefs();
  const sizes = vram === 0 || GIB.includes(vram) ? GIB : [...GIB, vram].sort((one, other) => one - other);
  return (
    <Sheet
      title={words.settings.title}
      open={open}
      onClose={onClose}
      foot={
        <>
          <p className={cx(s.why, s.kept)}>{words.settings.kept}</p>
          <Button onPress={() => openSheet('keys')}>
            <Keyboard size={15} aria-hidden="true" />
            {words.keys.title}
          </Button>
        </>
      }
    >
      <div className={cx(s.parts)}>
        <div className={cx(s.part)}>
          <Choice
            label={words.settings.vram}
            options={[
              { id: '0', name: words.settings.allFree },
              ...sizes.map((gib) => ({ id: String(gib), name: words.settings.atMost(gib) })),
            ]}
            chosen={String(vram)}
            onChoose={(gib) => choose({ vram: Number(gib) })}
          />
          <p className={cx(s.why)}>{words.settings.why}</p>
        </div>
        <VideosFolder />
        <NoticesToggle />
        <Toggle label={words.settings.contrast} on={contrast} onChange={(on) => choose({ contrast: on })}>
          {words.settings.contrastWhy}
        </Toggle>
      </div>
    </Sheet>
  );
}
