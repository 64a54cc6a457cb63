import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { cx } from '../controls/cx.ts';
import s from './HeaderButton.module.css';

interface Props {
  readonly icon: LucideIcon;
  readonly word: string;
  /** What a screen reader says, where that is more than the word. */
  readonly label?: string;
  readonly onPress: () => void;
  /** A mark on the button. */
  readonly children?: ReactNode;
}

/** The way to a sheet; a narrow window has its picture alone. */
export const HeaderButton = ({ icon: Icon, word, label = word, onPress, children }: Props) => (
  <Button className={cx(s.button)} aria-label={label} onPress={onPress}>
    <Icon size={15} aria-hidden="true" />
    <span className={cx(s.word)}>{word}</span>
    {children}
  </Button>
);
