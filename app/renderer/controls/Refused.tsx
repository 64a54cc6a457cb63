import type { Sayable } from '../words/said.ts';
import { cx } from './cx.ts';
import s from './Refused.module.css';
import { Saying } from './Saying.tsx';

/** What was refused and what to do, said at once. */
export const Refused = ({ what }: { what: Sayable }) => (
  <div className={cx(s.refused)} role="alert">
    <Saying what={what} />
  </div>
);
