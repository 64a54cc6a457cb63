import { type RefObject, useEffect, useRef } from 'react';
import type { Entry } from '../../contract/gallery.ts';
import { bridge } from '../bridge/bridge.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { Sheet } from '../controls/Sheet.tsx';
import { compare, useGallery } from '../state/gallery.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './CompareSheet.module.css';
import { differences } from './differences.ts';
import { onFrame, useFilm } from './film.ts';
import { useSheetKeys } from './keys.ts';
import { settingsOf } from './settings.ts';
import { Transport } from './Transport.tsx';

/** Two videos side by side, on one clock, and what differs in how they were made. */
export function CompareSheet() {
  const { close: leave, gallery: words } = useWords();
  const { comparing, chosen, entries } = useGallery();
  const [left, right] = chosen.map((job) => entries.find((entry) => entry.job === job));
  const close = (): void => compare(false);
  return (
    <Sheet
      wide
      title={words.compareTitle}
      open={comparing && left !== undefined && right !== undefined}
      onClose={close}
      foot={<Button onPress={close}>{leave}</Button>}
    >
      {left && right && <Pair left={left} right={right} />}
    </Sheet>
  );
}

/** Has a video show what another one shows at that time, to the frame. */
function useFollow(
  leader: RefObject<HTMLVideoElement | null>,
  follower: RefObject<HTMLVideoElement | null>,
  fps: number,
): void {
  useEffect(() => {
    const [one, other] = [leader.current, follower.current];
    if (!one || !other) return;
    const leaving = new AbortController();
    const correct = (): void => {
      const end = (other.duration || 0) - 0.5 / fps;
      const wanted = Math.max(0, Math.min(one.currentTime, end)); // the shorter one waits at its end
      if (Math.abs(other.currentTime - wanted) > 1 / fps || one.paused) other.currentTime = wanted;
      if (one.paused || wanted === end) other.pause();
      else if (other.paused) void other.play().catch(() => {});
    };
    for (const event of ['play', 'pause', 'seeking']) one.addEventListener(event, correct, { signal: leaving.signal });
    other.addEventListener('loadedmetadata', correct, { signal: leaving.signal });
    const forget = onFrame(one, () => !one.paused && correct());
    return () => {
      forget();
      leaving.abort();
    };
  }, [leader, follower, fps]);
}

function Pair({ left, right }: { left: Entry; right: Entry }) {
  const words = useWords();
  const models = useWorld((world) => world.models);
  const { frames, fps } = left.request;
  const film = useFilm(left.output, frames, fps);
  const follower = useRef<HTMLVideoElement>(null);
  useFollow(film.video, follower, Math.max(fps, right.request.fps));
  useSheetKeys({ ' ': film.toggle, ',': () => film.step(-1), '.': () => film.step(1) });
  const differing = differences(settingsOf(left.request, words, models), settingsOf(right.request, words, models));
  return (
    <div className={cx(s.pair)}>
      <div className={cx(s.videos)}>
        {[left, right].map(({ output, request }, at) => (
          <video
            key={output}
            ref={at === 0 ? film.video : follower}
            className={cx(s.video)}
            src={bridge.mediaUrl(output)}
            aria-label={words.gallery.video(request.prompt)}
            loop={at === 0}
            muted
            playsInline
          />
        ))}
      </div>
      <Transport film={film} frames={frames} label={words.gallery.both} />
      {differing.length === 0 ? (
        <p>{words.gallery.same}</p>
      ) : (
        <table className={cx(s.table)}>
          <caption>{words.gallery.differences}</caption>
          <thead>
            <tr>
              <th scope="col">{words.gallery.setting}</th>
              <th scope="col">{words.gallery.left}</th>
              <th scope="col">{words.gallery.right}</th>
            </tr>
          </thead>
          <tbody>
            {differing.map(({ name, left, right }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{left}</td>
                <td>{right}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
