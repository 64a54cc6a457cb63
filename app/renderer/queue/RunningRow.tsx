import { fraction } from '../../contract/fraction.ts';
import type { Job } from '../../contract/job.ts';
import { Bar } from '../controls/Bar.tsx';
import { cx } from '../controls/cx.ts';
import { clock } from '../words/clock.ts';
import { useWords } from '../words/words.ts';
import s from './Row.module.css';
import { Thumb } from './Thumb.tsx';

/** The job that is being made: how far it is and how long it may take. */
export function RunningRow({ job }: { job: Job }) {
  const words = useWords();
  const done = fraction(job);
  const left = job.eta_s !== null && job.eta_s > 0 ? words.stage.left(clock(job.eta_s, words)) : '';
  return (
    <div className={cx(s.row, s.current)}>
      <Thumb job={job} />
      <div className={cx(s.about)}>
        <p className={cx(s.prompt)}>{job.request.prompt}</p>
        <p className={cx(s.facts)}>{[words.phase[job.phase ?? 'load'], left].filter(Boolean).join(' · ')}</p>
      </div>
      <Bar label={words.stage.progress} done={done} making className={cx(s.bar)} />
    </div>
  );
}
