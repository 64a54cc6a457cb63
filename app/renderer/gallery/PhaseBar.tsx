import type { CSSProperties } from 'react';
import type { Entry } from '../../contract/gallery.ts';
import { phases } from '../../contract/phase.ts';
import { cx } from '../controls/cx.ts';
import { clock } from '../words/clock.ts';
import { useWords } from '../words/words.ts';
import s from './PhaseBar.module.css';

/** Where the time went: a bar of parts, and the same in words. */
export function PhaseBar({ seconds }: { seconds: NonNullable<Entry['seconds']> }) {
  const words = useWords();
  const parts = phases.flatMap((phase) => (seconds[phase] ? [{ phase, took: seconds[phase] }] : []));
  return (
    <div className={cx(s.time)}>
      <h3 className={cx(s.heading)}>{words.gallery.time}</h3>
      <div className={cx(s.bar)} aria-hidden="true">
        {parts.map(({ phase, took }) => (
          <span key={phase} className={cx(s.part, s[phase])} style={{ '--took': took } as CSSProperties} />
        ))}
      </div>
      <ul className={cx(s.words)}>
        {parts.map(({ phase, took }) => (
          <li key={phase} className={cx(s[phase])}>
            {words.gallery.phaseTime(words.phaseShort[phase], clock(took, words))}
          </li>
        ))}
      </ul>
    </div>
  );
}
