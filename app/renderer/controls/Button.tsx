import { Button as AriaButton, type ButtonProps } from 'react-aria-components';
import s from './Button.module.css';
import { cx } from './cx.ts';

type Look = 'solid' | 'soft' | 'plain' | 'icon';

interface Props extends Omit<ButtonProps, 'className' | 'style'> {
  readonly look?: Look;
  readonly wide?: boolean;
  /** Stands on the stage, which is dark in every theme. */
  readonly onStage?: boolean;
}

export const Button = ({ look = 'soft', wide, onStage, ...props }: Props) => (
  <AriaButton {...props} className={cx(s.button, s[look], wide && s.wide, onStage && s.onStage)} />
);
