import { useEffect, useRef, useState } from 'react';
import { fraction } from '../../contract/fraction.ts';
import type { Job } from '../../contract/job.ts';
import { isOver } from '../../contract/phase.ts';
import { cx } from '../controls/cx.ts';
import { useForm } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { useSaid, useWords } from '../words/words.ts';
import { Empty } from './Empty.tsx';
import { Player } from './Player.tsx';
import { Running } from './Running.tsx';
import s from './Stage.module.css';
import { shownOf } from './shown.ts';
import { Unfinished } from './Unfinished.tsx';
import { whyOf } from './why.ts';

/** The job on the stage. */
export function useShown(): Job | undefined {
  const chosen = useForm((form) => form.shown);
  return useWorld(({ jobs }) => shownOf(jobs, chosen));
}

/** Says the quarters and the end of a job that was seen under way aloud, and nothing in between. */
function useAnnouncement(job: Job | undefined): string {
  const words = useWords().stage;
  const say = useSaid();
  const [said, setSaid] = useState('');
  const watched = useRef('');
  const quarter = job ? Math.floor(fraction(job) * 4) * 25 : 0;
  const name = job?.job ?? '';
  const state = job?.state;
  const why = job && whyOf(job);
  const message = why ? say(why).message : '';
  useEffect(() => {
    if (state === 'running') {
      watched.current = name;
      setSaid(words.percent(quarter));
    }
    if (watched.current !== name) return;
    if (state === 'done') setSaid(words.finished);
    if (state === 'failed') setSaid(words.failed(message));
  }, [name, state, quarter, message, words]);
  return said;
}

export function Stage() {
  const words = useWords().stage;
  const job = useShown();
  const ready = useWorld((world) => world.models.length > 0);
  const said = useAnnouncement(job);
  return (
    <section className={cx(s.stage)} aria-label={words.title} data-stage data-state={job?.state ?? 'empty'}>
      {!job && ready && <Empty />}
      {job && !isOver(job.state) && <Running key={job.job} job={job} />}
      {job?.state === 'done' && <Player key={job.job} job={job} />}
      {job && isOver(job.state) && job.state !== 'done' && <Unfinished job={job} />}
      <p className="unseen" role="status">
        {said}
      </p>
    </section>
  );
}
