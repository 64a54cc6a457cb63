import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useWords } from '../words/words.ts';
import { Button } from './Button.tsx';
import { cx } from './cx.ts';
import s from './Sheet.module.css';

interface Props {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  /** A question, which is answered before anything else. */
  readonly asks?: boolean;
  /** As wide as the window allows. */
  readonly wide?: boolean;
  /** Stays in sight while the rest scrolls. */
  readonly foot: ReactNode;
  readonly children: ReactNode;
}

/** A sheet over the page: Esc and a click beside it close it, and the focus goes back to where it was. */
export function Sheet({ title, open, onClose, asks = false, wide = false, foot, children }: Props) {
  const words = useWords();
  return (
    <ModalOverlay
      className={cx(s.shade)}
      isOpen={open}
      onOpenChange={(stays) => !stays && onClose()}
      isDismissable={!asks}
    >
      <Modal className={cx(s.sheet, asks && s.small, wide && s.wide)}>
        <Dialog className={cx(s.dialog)} role={asks ? 'alertdialog' : 'dialog'}>
          <div className={cx(s.head)}>
            <Heading slot="title" level={2} className={cx(s.title)}>
              {title}
            </Heading>
            {!asks && (
              <Button look="icon" aria-label={words.close} onPress={onClose}>
                <X size={17} aria-hidden="true" />
              </Button>
            )}
          </div>
          <div className={cx(s.body)} tabIndex={asks ? undefined : 0}>
            {children}
          </div>
          <div className={cx(s.foot)}>{foot}</div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
