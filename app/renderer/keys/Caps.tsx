import { cx } from '../controls/cx.ts';
import { useWords } from '../words/words.ts';
import s from './Caps.module.css';
import { mac } from './mac.ts';
import { type ActionId, capsOf } from './table.ts';

/** The keys of an action, as they are on the keyboard. */
export function Caps({ of }: { of: ActionId }) {
  const { space } = useWords().keys;
  return (
    <span className={cx(s.caps)}>
      {capsOf(of, mac).map((cap) => (
        <kbd key={cap} className={cx(s.cap)}>
          {cap === 'Space' ? space : cap}
        </kbd>
      ))}
    </span>
  );
}
