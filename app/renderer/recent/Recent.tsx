import { CircleSlash, Clock, Images, LoaderCircle, TriangleAlert } from 'lucide-react';
import { type CSSProperties, memo, useEffect, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { fraction } from '../../contract/fraction.ts';
import type { Job } from '../../contract/job.ts';
import { bridge } from '../bridge/bridge.ts';
import { Button as Chip } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { useShown } from '../stage/Stage.tsx';
import { show } from '../state/form.ts';
import { openGallery } from '../state/gallery.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './Recent.module.css';

const icons = {
  queued: Clock,
  running: LoaderCircle,
  failed: TriangleAlert,
  cancelled: CircleSlash,
  interrupted: CircleSlash,
};

/** The queue and what came of it, newest first. */
export function Recent() {
  const words = useWords();
  const jobs = useWorld((world) => world.jobs);
  const current = useShown()?.job;
  if (jobs.length === 0) return null;
  return (
    <section className={cx(s.recent)} aria-label={words.recent.label}>
      <ul className={cx(s.row)}>
        {[...jobs].reverse().map((job) => (
          <li key={job.job}>
            <Card job={job} current={job.job === current} />
          </li>
        ))}
      </ul>
      <Chip look="chip" onPress={openGallery}>
        <Images size={14} aria-hidden="true" />
        {words.gallery.all}
      </Chip>
    </section>
  );
}

/** Drawn anew when its own job changes, and not with every step of another. */
const Card = memo(({ job, current }: { job: Job; current: boolean }) => (
  <Button
    className={cx(s.card, current && s.current)}
    aria-current={current ? 'true' : 'false'}
    onPress={() => show(job.job)}
  >
    <Thumb job={job} />
    <span className={cx(s.prompt)}>{job.request.prompt}</span>
  </Button>
));

function Thumb({ job }: { job: Job }) {
  const words = useWords();
  if (job.state === 'done' && job.output !== null) return <VideoThumb id={job.output} state={words.state.done} />;
  const Icon = icons[job.state === 'done' ? 'interrupted' : job.state];
  return (
    <span className={cx(s.thumb, s[job.state])}>
      <Icon size={17} aria-hidden="true" />
      <span>{words.state[job.state]}</span>
      {job.state === 'running' && (
        <span className={cx(s.bar)} style={{ '--fraction': fraction(job) } as CSSProperties} />
      )}
    </span>
  );
}

/** A still of the video, fetched when it comes into sight: a browser opens only so many at a time. */
function VideoThumb({ id, state }: { id: string; state: string }) {
  const [seen, setSeen] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const watcher = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      setSeen(true);
      watcher.disconnect();
    });
    if (place.current) watcher.observe(place.current);
    return () => watcher.disconnect();
  }, []);
  return (
    <span className={cx(s.thumb)} ref={place}>
      <span className="unseen">{state}</span>
      {seen && (
        <video
          src={`${bridge.mediaUrl(id)}#t=0.1`}
          preload="metadata"
          muted
          playsInline
          tabIndex={-1}
          aria-hidden="true"
        />
      )}
    </span>
  );
}
