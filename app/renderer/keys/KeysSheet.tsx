import { cx } from '../controls/cx.ts';
import { Sheet } from '../controls/Sheet.tsx';
import { useWords } from '../words/words.ts';
import { Caps } from './Caps.tsx';
import s from './KeysSheet.module.css';
import { actionIds, table } from './table.ts';

/** Every key, and what it does. */
export function KeysSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const words = useWords();
  return (
    <Sheet
      title={words.keys.title}
      open={open}
      onClose={onClose}
      foot={<p className={cx(s.note)}>{words.keys.note}</p>}
    >
      <dl className={cx(s.rows)}>
        {actionIds
          .filter((id) => table[id] !== null)
          .map((id) => (
            <div key={id} className={cx(s.row)}>
              <dt>{words.actions[id]}</dt>
              <dd>
                <Caps of={id} />
              </dd>
            </div>
          ))}
      </dl>
    </Sheet>
  );
}
