import { CircleSlash, TriangleAlert } from 'lucide-react';
import type { Job } from '../../contract/job.ts';
import { Button } from '../controls/Button.tsx';
import { CopyButton } from '../controls/CopyButton.tsx';
import { cx } from '../controls/cx.ts';
import { Details } from '../controls/Saying.tsx';
import { retry } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { useSaid, useWords } from '../words/words.ts';
import { reuse } from './reuse.ts';
import s from './Unfinished.module.css';
import { whyOf } from './why.ts';

/** All that somebody who helps would ask for; no paths, no names. */
const report = (job: Job): string => {
  const { prompt: _prompt, negative_prompt: _negative, ...settings } = job.request;
  const log = useWorld.getState().log.slice(-40);
  const head = { code: job.code, message: job.message, hint: job.hint, phase: job.phase, step: job.step, settings };
  return `${JSON.stringify(head, null, 2)}\n\n${log.map((line) => line.text).join('\n')}`;
};

/** A job that made no video: what happened, what to do, and the way to do it. */
export function Unfinished({ job }: { job: Job }) {
  const words = useWords();
  const say = useSaid();
  const why = whyOf(job);
  const said = why && say(why);
  const failed = job.state === 'failed';
  return (
    <div className={cx(s.unfinished)}>
      <div className={cx(s.card)}>
        {failed ? (
          <TriangleAlert className={cx(s.bad)} size={26} aria-hidden="true" />
        ) : (
          <CircleSlash className={cx(s.calm)} size={26} aria-hidden="true" />
        )}
        <h2 className={cx(s.head)}>{failed ? (said?.message ?? words.state.failed) : words.stage.cancelled}</h2>
        {failed && said?.hint && <p className={cx(s.hint)}>{said.hint}</p>}
        <p className={cx(s.prompt)}>{job.request.prompt}</p>
        <div className={cx(s.actions)}>
          <Button look="solid" onStage onPress={() => void retry(job.job)}>
            {words.stage.again}
          </Button>
          <Button onStage onPress={() => reuse(job)}>
            {words.stage.reuse}
          </Button>
          {failed && (
            <CopyButton onStage text={() => report(job)}>
              {words.copyReport}
            </CopyButton>
          )}
        </div>
        {failed && said?.details && <Details text={said.details} />}
        {job.code && <p className={cx(s.code)}>{job.code}</p>}
      </div>
    </div>
  );
}
