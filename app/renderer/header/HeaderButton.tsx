import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, type ButtonProps } from 'react-aria-components';
import { cx } from '../controls/cx.ts';
import s from './HeaderButton.module.css';

interface Props extends Omit<ButtonProps, 'children' | 'className'> {
  readonly icon: LucideIcon;
  readonly word: string;
  /** What a screen reader says, where that is more than the word. */
  readonly label?: string;
  readonly className?: string | undefined;
  /** A mark on the button. */
  readonly children?: ReactNode;
}

/** The way to a sheet or drawer; a narrow window has its picture alone. */
export const HeaderButton = ({ icon: Icon, word, label = word, className, children, ...rest }: Props) => (
  <Button {...rest} className={cx(s.button, className)} aria-label={label}>
    <Icon size={15} aria-hidden="true" />
    <span className={cx(s.word)}>{word}</span> {children}
  </Button>
);
