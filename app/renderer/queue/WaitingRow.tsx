import { ChevronDown, ChevronUp, CopyPlus, Pencil, X } from 'lucide-react';
import { memo, useState } from 'react';
import type { Job } from '../../contract/job.ts';
import { change } from '../composer/change.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { duplicate, place, remove, step } from '../state/queue.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './Row.module.css';
import { Thumb } from './Thumb.tsx';

const DRAGGED = 'application/x-artifex-job';

interface Props {
  readonly job: Job;
  readonly at: number;
  readonly last: boolean;
}

/** A job that waits, and all that can be done to it; another one can be let go upon it. Drawn anew when it changes. */
export const WaitingRow = memo(({ job, at, last }: Props) => {
  const words = useWords();
  const { request, state } = job;
  const model = useWorld(({ models }) => models.find((one) => one.id === request.model)?.name);
  const [over, setOver] = useState(false);
  const prompt = request.prompt.slice(0, 60);
  const facts = [
    state === 'interrupted' && words.state.interrupted,
    `${request.width}×${request.height}`,
    words.length.seconds((request.frames / request.fps).toFixed(1)),
    words.stage.steps(request.steps),
    model,
  ];
  return (
    <li
      className={cx(s.row, s.waiting, over && s.over)}
      data-job={job.job}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move';
        event.dataTransfer.setData(DRAGGED, job.job);
      }}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        void place(event.dataTransfer.getData(DRAGGED), at);
      }}
    >
      <Thumb job={job} />
      <div className={cx(s.about)}>
        <p className={cx(s.prompt)}>{request.prompt}</p>
        <p className={cx(s.facts)}>{facts.filter(Boolean).join(' · ')}</p>
      </div>
      <div className={cx(s.actions)}>
        <Button look="icon" aria-label={words.queue.up(prompt)} onPress={() => void step(job.job, -1)}>
          <ChevronUp size={16} aria-hidden="true" className={cx(at === 0 && s.end)} />
        </Button>
        <Button look="icon" aria-label={words.queue.down(prompt)} onPress={() => void step(job.job, 1)}>
          <ChevronDown size={16} aria-hidden="true" className={cx(last && s.end)} />
        </Button>
        <Button look="icon" aria-label={words.queue.change(prompt)} onPress={() => change(job)}>
          <Pencil size={15} aria-hidden="true" />
        </Button>
        <Button look="icon" aria-label={words.queue.duplicate(prompt)} onPress={() => void duplicate(job)}>
          <CopyPlus size={15} aria-hidden="true" />
        </Button>
        <Button look="icon" aria-label={words.queue.remove(prompt)} onPress={() => void remove(job.job)}>
          <X size={16} aria-hidden="true" />
        </Button>
      </div>
    </li>
  );
});
