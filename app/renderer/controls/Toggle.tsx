import type { ReactNode } from 'react';
import { Switch } from 'react-aria-components';
import { cx } from './cx.ts';
import s from './Toggle.module.css';

interface Props {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  /** What it means, under it. */
  readonly children: ReactNode;
}

/** Something that is on or off, which the place of its knob says. */
export const Toggle = ({ label, on, onChange, children }: Props) => (
  <div className={cx(s.toggle)}>
    <Switch className={cx(s.switch)} isSelected={on} onChange={onChange}>
      <span className={cx(s.label)}>{label}</span>
      <span className={cx(s.track)}>
        <span className={cx(s.knob)} />
      </span>
    </Switch>
    <div className={cx(s.why)}>{children}</div>
  </div>
);
