import { ListVideo, Pause } from 'lucide-react';
import { cx } from '../controls/cx.ts';
import { HeaderButton } from '../header/HeaderButton.tsx';
import { waits } from '../state/next.ts';
import { openQueue, useQueue } from '../state/queue.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './QueueButton.module.css';

/** The way to the queue, with how many wait in it. */
export function QueueButton() {
  const words = useWords().queue;
  const open = useQueue((queue) => queue.open);
  const paused = useWorld((world) => world.paused);
  const count = useWorld((world) => world.jobs.filter(waits).length);
  const name = count > 0 ? words.count(count) : words.label;
  return (
    <HeaderButton
      icon={paused ? Pause : ListVideo}
      word={words.label}
      label={paused ? `${name}. ${words.held}` : name}
      className={paused ? cx(s.paused) : undefined}
      aria-expanded={open}
      onPress={() => openQueue(!open)}
      data-queue-button
    >
      {count > 0 && <span className={cx(s.count)}>{count}</span>}
    </HeaderButton>
  );
}
