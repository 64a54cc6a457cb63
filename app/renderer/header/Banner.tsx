import { bridge } from '../bridge/bridge.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { Details, Saying } from '../controls/Saying.tsx';
import { refuse } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './Banner.module.css';

/** Says so when the page cannot reach the sidecar, why, and offers the one thing that helps. */
export function Banner() {
  const words = useWords().banner;
  const link = useWorld((world) => world.link);
  const { state, why, tail } = useWorld((world) => world.sidecar);
  if (link === 'reconnecting')
    return (
      <p className={cx(s.banner)} role="status">
        {words.reconnecting}
      </p>
    );
  if (link !== 'live') return null;
  if (state === 'restarting')
    return (
      <div className={cx(s.banner)} role="status">
        <p>{words.restarting}</p>
        {why && (
          <div className={cx(s.why)}>
            <Saying what={why} />
          </div>
        )}
      </div>
    );
  if (state !== 'failed') return null;
  return (
    <div className={cx(s.banner, s.bad)} role="alert">
      <p>{words.failed}</p>
      <Button onPress={() => void bridge.call('restart', {}).catch(refuse)}>{words.again}</Button>
      {why && (
        <div className={cx(s.why)}>
          <Saying what={why} />
        </div>
      )}
      {tail.length > 0 && (
        <div className={cx(s.tail)}>
          <Details text={tail.join('\n')} />
        </div>
      )}
    </div>
  );
}
