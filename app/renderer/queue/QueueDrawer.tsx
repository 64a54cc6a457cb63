import { Pause, Play, Trash2, Undo2, X } from 'lucide-react';
import { startTransition, useEffect, useRef, useState } from 'react';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { Refused } from '../controls/Refused.tsx';
import { waitingOf } from '../state/next.ts';
import { clear, openQueue, pause, step, undo, useQueue } from '../state/queue.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './QueueDrawer.module.css';
import { RunningRow } from './RunningRow.tsx';
import { WaitingRow } from './WaitingRow.tsx';

const close = (): void => {
  openQueue(false);
  document.querySelector<HTMLElement>('[data-queue-button]')?.focus();
};

const AT_ONCE = 40; // rows; more come as they are scrolled to

/** How many rows there are so far, and the mark behind them. */
function useRows(): [number, (mark: HTMLElement | null) => (() => void) | undefined] {
  const [rows, setRows] = useState(AT_ONCE);
  const watch = (mark: HTMLElement | null): (() => void) | undefined => {
    if (!mark) return undefined;
    const observer = new IntersectionObserver(
      ([seen]) => seen?.isIntersecting && startTransition(() => setRows((before) => before + AT_ONCE)),
      { rootMargin: '600px' },
    );
    observer.observe(mark);
    return () => observer.disconnect();
  };
  return [rows, watch];
}

/** What is being made and what waits for it, in order, beside all the rest. */
export function QueueDrawer() {
  const words = useWords();
  const jobs = useWorld((world) => world.jobs);
  const paused = useWorld((world) => world.paused);
  const { removed, moved, refusal } = useQueue();
  const panel = useRef<HTMLElement>(null);
  const running = jobs.find((job) => job.state === 'running');
  const waiting = waitingOf(jobs);
  const [rows, watch] = useRows();

  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') close();
      const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : null;
      const job = (event.target as HTMLElement).closest<HTMLElement>('[data-job]')?.dataset.job;
      if (by === null || !event.altKey || job === undefined) return;
      event.preventDefault();
      void step(job, by);
    };
    const element = panel.current;
    element?.focus();
    element?.addEventListener('keydown', hear);
    return () => element?.removeEventListener('keydown', hear);
  }, []);

  return (
    <section className={cx(s.drawer)} aria-label={words.queue.label} ref={panel} tabIndex={-1} data-queue>
      <div className={cx(s.head)}>
        <h2 className={cx(s.title)}>{words.queue.label}</h2>
        <Button look="icon" aria-label={words.close} onPress={close}>
          <X size={17} aria-hidden="true" />
        </Button>
      </div>
      <div className={cx(s.body)}>
        {running && (
          <>
            <h3 className={cx(s.part)}>{words.queue.now}</h3>
            <RunningRow job={running} />
          </>
        )}
        {waiting.length > 0 && (
          <>
            <h3 className={cx(s.part)}>{words.queue.next}</h3>
            <ol className={cx(s.list)}>
              {waiting.slice(0, rows).map((job, at) => (
                <WaitingRow key={job.job} job={job} at={at} last={at === waiting.length - 1} />
              ))}
              {waiting.length > rows && <li key={rows} ref={watch} aria-hidden="true" />}
            </ol>
            {waiting.length > 1 && <p className={cx(s.faint)}>{words.queue.keys}</p>}
          </>
        )}
        {waiting.length === 0 && <p className={cx(s.faint)}>{words.queue.empty}</p>}
      </div>
      <div className={cx(s.foot)}>
        {refusal && <Refused what={refusal} />}
        <p className={cx(paused ? s.paused : 'unseen')} role="status">
          {paused && words.queue.paused}
        </p>
        {removed.length > 0 && (
          <div className={cx(s.removed)}>
            <p role="status">{words.queue.removed(removed.length)}</p>
            <Button
              look="chip"
              autoFocus
              onPress={() => {
                void undo();
                panel.current?.focus();
              }}
            >
              <Undo2 size={14} aria-hidden="true" />
              {words.queue.undo}
            </Button>
          </div>
        )}
        <div className={cx(s.actions)}>
          <Button onPress={() => void pause(!paused)}>
            {paused ? <Play size={15} aria-hidden="true" /> : <Pause size={15} aria-hidden="true" />}
            {paused ? words.queue.resume : running ? words.queue.pauseAfter : words.queue.pause}
          </Button>
          <Button isDisabled={waiting.length === 0} onPress={() => void clear()}>
            <Trash2 size={15} aria-hidden="true" />
            {words.queue.clear}
          </Button>
        </div>
        <p className="unseen" role="status">
          {moved && words.queue.moved(...moved)}
        </p>
      </div>
    </section>
  );
}
