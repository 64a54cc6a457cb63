import { Check } from 'lucide-react';
import { type CSSProperties, useEffect, useState } from 'react';
import { ProgressBar } from 'react-aria-components';
import { fraction, phasesOf } from '../../contract/fraction.ts';
import type { Job } from '../../contract/job.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { cancel } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { clock } from '../words/clock.ts';
import { useSaid, useWords } from '../words/words.ts';
import { Preview } from './Preview.tsx';
import s from './Running.module.css';
import { whyOf } from './why.ts';

/** Seconds since the job began, ticking between two lines of news. */
function useElapsed(job: Job): number {
  const [heard, setHeard] = useState({ of: job.elapsed_s, at: performance.now() });
  const [now, setNow] = useState(() => performance.now());
  if (heard.of !== job.elapsed_s) setHeard({ of: job.elapsed_s, at: performance.now() });
  useEffect(() => {
    const tick = setInterval(() => setNow(performance.now()), 500);
    return () => clearInterval(tick);
  }, []);
  return (job.elapsed_s ?? 0) + Math.max(0, now - heard.at) / 1000;
}

/** How far the job is; a bar does not go back when a phase turns out to have more steps than it said. */
function useFurthest(job: Job): number {
  const now = job.state === 'running' ? fraction(job) : 0;
  const [furthest, setFurthest] = useState(now);
  if (now > furthest || (job.state !== 'running' && furthest !== 0)) setFurthest(now);
  return Math.max(now, furthest);
}

/** Noise, as thick as there is still to be taken away. */
const Grain = () => (
  <svg className={cx(s.grain)} aria-hidden="true">
    <filter id="grain">
      <feTurbulence type="fractalNoise" baseFrequency="0.55" numOctaves="2" stitchTiles="stitch" />
      <feColorMatrix type="saturate" values="0.25" />
    </filter>
    <rect width="100%" height="100%" filter="url(#grain)" />
  </svg>
);

/** A video on its way: what is happening, how far it is, how long it may take. */
export function Running({ job }: { job: Job }) {
  const words = useWords();
  const elapsed = useElapsed(job);
  const done = useFurthest(job);
  // The canvas is costly to paint: it changes twenty times in a job, not ten times a second.
  const coarse = Math.floor(done * 20) / 20;
  const { width, height, prompt } = job.request;
  const queued = job.state !== 'running';
  const paused = useWorld((world) => world.paused);
  const willCome = job.state === 'interrupted' ? words.stage.retrying : words.stage.waiting;
  const waiting = paused ? words.queue.held : willCome;
  const through = phasesOf(job);
  const say = useSaid();
  const why = whyOf(job);
  const at = job.phase === null ? -1 : through.indexOf(job.phase);
  return (
    <div className={cx(s.running)}>
      <div className={cx(s.easel)}>
        <div
          className={cx(s.canvas, job.preview !== null && s.shown)}
          style={{ '--across': width, '--down': height, '--fraction': coarse } as CSSProperties}
        >
          {job.preview === null ? <Grain /> : <Preview id={job.preview} prompt={prompt} />}
          <p className={cx(s.prompt)}>{prompt}</p>
        </div>
      </div>
      <div className={cx(s.panel)}>
        <div className={cx(s.line)}>
          <p className={cx(s.now)}>
            {queued ? waiting : words.phase[job.phase ?? 'load']}
            {!queued && job.step !== null && job.steps !== null && job.steps > 1 && (
              <span className={cx(s.step)}>{words.stage.step(job.step, job.steps)}</span>
            )}
          </p>
          <p className={cx(s.times)}>
            {!queued && <span>{words.stage.elapsed(clock(elapsed, words))}</span>}
            {job.eta_s !== null && job.eta_s > 0 && <span>{words.stage.left(clock(job.eta_s, words))}</span>}
          </p>
          <Button onStage onPress={() => void cancel(job.job)}>
            {words.composer.cancel}
          </Button>
        </div>
        {why && (
          <p className={cx(s.why)}>
            {say(why).message} {!queued && words.stage.onceMore}
          </p>
        )}
        <ProgressBar aria-label={words.stage.progress} value={Math.round(done * 100)} className={cx(s.bar)}>
          <div className={cx(s.fill)} style={{ '--fraction': done } as CSSProperties} />
        </ProgressBar>
        <ol className={cx(s.phases)}>
          {through.map((phase, index) => (
            <li
              key={phase}
              className={cx(s.phase, index < at && s.past, index === at && s.current)}
              aria-current={index === at ? 'step' : undefined}
            >
              {index < at && <Check size={13} aria-hidden="true" />}
              {words.phaseShort[phase]}
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}
