import { Choice } from '../controls/Choice.tsx';
import { cx } from '../controls/cx.ts';
import { Sheet } from '../controls/Sheet.tsx';
import { choose, usePrefs } from '../state/prefs.ts';
import { useWords } from '../words/words.ts';
import s from './SettingsSheet.module.css';

/** What cards have, less a little for other programs. */
const GIB = [4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32];

/** What is the same for every video; it counts at once and is remembered. */
export function SettingsSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const words = useWords();
  const vram = usePrefs((prefs) => prefs.vram);
  const sizes = vram === 0 || GIB.includes(vram) ? GIB : [...GIB, vram].sort((one, other) => one - other);
  return (
    <Sheet
      title={words.settings.title}
      open={open}
      onClose={onClose}
      foot={<p className={cx(s.why)}>{words.settings.kept}</p>}
    >
      <Choice
        label={words.settings.vram}
        options={[
          { id: '0', name: words.settings.allFree },
          ...sizes.map((gib) => ({ id: String(gib), name: words.settings.atMost(gib) })),
        ]}
        chosen={String(vram)}
        onChoose={(gib) => choose({ vram: Number(gib) })}
      />
      <p className={cx(s.why, s.below)}>{words.settings.why}</p>
    </Sheet>
  );
}
