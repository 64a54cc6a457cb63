import { Button as AriaButton, type ButtonProps } from 'react-aria-components';
import s from './Button.module.css';
import { cx } from './cx.ts';

export interface ButtonLook {
  readonly look?: 'solid' | 'soft' | 'plain' | 'icon' | 'chip';
  readonly wide?: boolean;
  /** Stands on the stage, which is dark in every theme. */
  readonly onStage?: boolean;
}

type Props = ButtonLook & Omit<ButtonProps, 'className' | 'style'>;

export const Button = ({ look = 'soft', wide, onStage, ...props }: Props) => (
  <AriaButton {...props} className={cx(s.button, s[look], wide && s.wide, onStage && s.onStage)} />
);
