import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, Disclosure, DisclosurePanel, Heading } from 'react-aria-components';
import { cx } from './cx.ts';
import s from './Fold.module.css';

interface Props {
  readonly title: string;
  readonly summary?: string;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly children: ReactNode;
}

/** A part of the form that is out of the way until it is wanted. */
export const Fold = ({ title, summary, open, onOpen, children }: Props) => (
  <Disclosure isExpanded={open} onExpandedChange={onOpen} className={cx(s.fold)}>
    <Heading level={2} className={cx(s.heading)}>
      <Button slot="trigger" className={cx(s.trigger)}>
        <ChevronRight size={15} aria-hidden="true" className={cx(s.arrow)} />
        <span>{title}</span>
        {!open && summary && <span className={cx(s.summary)}>{summary}</span>}
      </Button>
    </Heading>
    <DisclosurePanel>
      <div className={cx(s.panel)}>{children}</div>
    </DisclosurePanel>
  </Disclosure>
);
