import { cx } from './cx.ts';
import s from './Mark.module.css';

/** The mark: an A that is a tent of light, with the play head in its door. */
export const Mark = () => (
  <svg className={cx(s.mark)} viewBox="0 0 32 32" aria-hidden="true">
    <rect className={cx(s.ground)} width="32" height="32" rx="9" />
    <path className={cx(s.letter)} d="M16 6.500 26 25.500H20.600L16 16.200 11.400 25.500H6Z" />
    <path className={cx(s.play)} d="M13.600 20.200v6.600l5.700-3.300Z" />
  </svg>
);
