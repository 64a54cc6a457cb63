import { Check, FileX, Star } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Checkbox, GridListItem, ToggleButton } from 'react-aria-components';
import type { Entry } from '../../contract/gallery.ts';
import { bridge } from '../bridge/bridge.ts';
import { Button } from '../controls/Button.tsx';
import { useCalm } from '../controls/calm.ts';
import { cx } from '../controls/cx.ts';
import { look, mark, remove } from '../state/gallery.ts';
import { useWords } from '../words/words.ts';
import s from './Cell.module.css';
import { usePoster } from './posters.ts';

const SOON_MS = 150;

/** One video in the grid. It plays while the mouse is over it or the focus is on it. */
export function Cell({ id, entry }: { id: string; entry: Entry }) {
  const words = useWords();
  const { request, favourite, missing } = entry;
  const { prompt } = request;
  return (
    <GridListItem
      id={id}
      textValue={prompt}
      className={cx(s.cell, missing && s.missing)}
      onAction={() => look(id)}
      data-job={id}
    >
      {({ isHovered, isFocusVisible }) => (
        <>
          <div className={cx(s.picture)}>
            {missing ? <Gone entry={entry} /> : <Still id={entry.output} alive={isHovered || isFocusVisible} />}
            <span className={cx(s.length)}>{words.length.seconds((request.frames / request.fps).toFixed(1))}</span>
            <Checkbox slot="selection" className={cx(s.choose)} aria-label={words.gallery.choose(prompt)}>
              <Check size={14} aria-hidden="true" />
            </Checkbox>
            <ToggleButton
              className={cx(s.star)}
              isSelected={favourite}
              onChange={() => void mark(entry)}
              aria-label={words.gallery.favourite(prompt)}
            >
              <Star size={15} aria-hidden="true" />
            </ToggleButton>
          </div>
          <p className={cx(s.prompt)}>{prompt}</p>
        </>
      )}
    </GridListItem>
  );
}

/** A still, over which the video plays for as long as somebody is at it. */
function Still({ id, alive }: { id: string; alive: boolean }) {
  const poster = usePoster(id);
  const calm = useCalm();
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!alive || calm) return;
    const soon = setTimeout(() => setPlaying(true), SOON_MS);
    return () => {
      clearTimeout(soon);
      setPlaying(false);
    };
  }, [alive, calm]);
  return (
    <>
      {poster !== null && <img src={poster} alt="" />}
      {playing && <video src={bridge.mediaUrl(id)} autoPlay loop muted playsInline tabIndex={-1} aria-hidden="true" />}
    </>
  );
}

function Gone({ entry }: { entry: Entry }) {
  const words = useWords().gallery;
  return (
    <div className={cx(s.gone)}>
      <FileX size={18} aria-hidden="true" />
      <span>{words.missing}</span>
      <Button look="chip" aria-label={words.takeOutOf(entry.request.prompt)} onPress={() => void remove(entry)}>
        {words.takeOut}
      </Button>
    </div>
  );
}
