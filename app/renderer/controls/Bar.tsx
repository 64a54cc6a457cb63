import type { CSSProperties } from 'react';
import { ProgressBar } from 'react-aria-components';
import s from './Bar.module.css';
import { cx } from './cx.ts';

interface Props {
  readonly label: string;
  /** How much is done, from 0 to 1. */
  readonly done: number;
  /** Something is being made; else it is on its way. */
  readonly making?: boolean;
  /** Its place, and how thick it is. */
  readonly className: string;
}

/** How far something is. */
export const Bar = ({ label, done, making = false, className }: Props) => (
  <ProgressBar aria-label={label} value={Math.round(done * 100)} className={cx(s.bar, className)}>
    <div className={cx(s.fill, making && s.making)} style={{ '--fraction': done } as CSSProperties} />
  </ProgressBar>
);
