import { Pause, Play, X } from 'lucide-react';
import { useState } from 'react';
import type { Download } from '../../contract/download.ts';
import { isSettled } from '../../contract/phase.ts';
import { Bar } from '../controls/Bar.tsx';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { Saying } from '../controls/Saying.tsx';
import { Sheet } from '../controls/Sheet.tsx';
import { act } from '../state/models.ts';
import { clock } from '../words/clock.ts';
import type { Words } from '../words/en.ts';
import { size } from '../words/size.ts';
import { useSaid, useWords } from '../words/words.ts';
import s from './Going.module.css';

const stateOf = ({ what, state }: Download, { models }: Words): string => {
  if (what === 'verify' && state === 'checking') return models.verifying;
  return what === 'verify' && state === 'done' ? models.verified : models.state[state];
};

/** The download or verification that goes on, or how the last one ended. */
export function Going({ download }: { download: Download }) {
  const words = useWords();
  const say = useSaid();
  const [asking, setAsking] = useState(false);
  const { name, state, what, file, bytes, whole, speed, eta_s, trouble } = download;
  const over = isSettled(state);
  const done = whole ? Math.min(1, bytes / whole) : 0;
  const times = [
    whole !== null && words.models.amount(size(bytes, words), size(whole, words)),
    speed !== null && words.models.speed(size(speed, words)),
    eta_s !== null && state === 'fetching' && words.stage.left(clock(eta_s, words)),
  ];
  const cancel = (keep: boolean): void => {
    setAsking(false);
    void act('cancel_download', { keep });
  };
  return (
    <section className={cx(s.going)} aria-label={name} data-download={state}>
      <div className={cx(s.line)}>
        <h3 className={cx(s.name)}>{name}</h3>
        <p className={cx(s.state)} role="status">
          {stateOf(download, words)}
        </p>
      </div>
      {!over && (
        <>
          <Bar label={words.models.progress(name)} done={done} className={cx(s.bar)} />
          <p className={cx(s.times)}>{times.filter(Boolean).join(' · ')}</p>
          {file && <p className={cx(s.file)}>{file}</p>}
        </>
      )}
      {trouble && (
        <div className={cx(s.trouble)} role={state === 'paused' ? 'alert' : undefined}>
          {state === 'waiting' ? say(trouble).message : <Saying what={trouble} />}
        </div>
      )}
      {!over && (
        <div className={cx(s.buttons)}>
          {what === 'download' &&
            (state === 'paused' ? (
              <Button onPress={() => void act('resume_download', {})}>
                <Play size={15} aria-hidden="true" />
                {words.models.resume}
              </Button>
            ) : (
              <Button onPress={() => void act('pause_download', {})}>
                <Pause size={15} aria-hidden="true" />
                {words.models.pause}
              </Button>
            ))}
          <Button onPress={() => (what === 'download' ? setAsking(true) : cancel(true))}>
            <X size={15} aria-hidden="true" />
            {words.models.cancel}
          </Button>
        </div>
      )}
      <Sheet
        asks
        title={words.models.cancelHead}
        open={asking && !over}
        onClose={() => setAsking(false)}
        foot={
          <>
            <Button autoFocus onPress={() => setAsking(false)}>
              {words.models.goOn}
            </Button>
            <Button onPress={() => cancel(true)}>{words.models.cancelKeep}</Button>
            <Button onPress={() => cancel(false)}>{words.models.cancelDelete}</Button>
          </>
        }
      >
        <p>{words.models.cancelBody}</p>
      </Sheet>
    </section>
  );
}
