import { ChevronFirst, ChevronLast, Pause, Play } from 'lucide-react';
import { Group } from 'react-aria-components';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { useWords } from '../words/words.ts';
import type { Film } from './film.ts';
import s from './Transport.module.css';

/** Plays, stops, and goes from frame to frame. */
export function Transport({ film, frames, label }: { film: Film; frames: number; label: string }) {
  const words = useWords().gallery;
  const said = words.frameOf(film.frame + 1, frames);
  return (
    <Group className={cx(s.transport)} aria-label={label}>
      <Button look="icon" aria-label={film.playing ? words.pause : words.play} onPress={film.toggle}>
        {film.playing ? <Pause size={17} aria-hidden="true" /> : <Play size={17} aria-hidden="true" />}
      </Button>
      <Button look="icon" aria-label={words.previousFrame} onPress={() => film.step(-1)}>
        <ChevronFirst size={17} aria-hidden="true" />
      </Button>
      <input
        className={cx(s.slider)}
        type="range"
        min={0}
        max={frames - 1}
        value={film.frame}
        onChange={(event) => film.seek(event.target.valueAsNumber)}
        aria-label={words.frame}
        aria-valuetext={said}
      />
      <Button look="icon" aria-label={words.nextFrame} onPress={() => film.step(1)}>
        <ChevronLast size={17} aria-hidden="true" />
      </Button>
      <span className={cx(s.at)}>{said}</span>
    </Group>
  );
}
