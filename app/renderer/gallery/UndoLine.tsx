import { Undo2 } from 'lucide-react';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { Refused } from '../controls/Refused.tsx';
import { takeBack, useGallery } from '../state/gallery.ts';
import { useWords } from '../words/words.ts';
import s from './UndoLine.module.css';

/** What was thrown away last can be taken back until the next action; or why something did not work. */
export function UndoLine() {
  const words = useWords().gallery;
  const removed = useGallery((album) => album.removed);
  const refusal = useGallery((album) => album.refusal);
  return (
    <>
      {refusal && <Refused what={refusal} />}
      <div className={cx(removed && s.line)}>
        <p role="status">{removed && (removed.missing ? words.takenOut : words.trashed)}</p>
        {removed && (
          <Button look="chip" onPress={() => void takeBack()}>
            <Undo2 size={14} aria-hidden="true" />
            {words.undo}
          </Button>
        )}
      </div>
    </>
  );
}
