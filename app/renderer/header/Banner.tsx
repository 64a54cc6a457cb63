import { bridge } from '../bridge/bridge.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { refuse } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './Banner.module.css';

/** Says so when the page cannot reach the sidecar, and offers the one thing that helps. */
export function Banner() {
  const words = useWords().banner;
  const { link, sidecar } = useWorld();
  if (link === 'reconnecting')
    return (
      <p className={cx(s.banner)} role="status">
        {words.reconnecting}
      </p>
    );
  if (link !== 'live') return null;
  if (sidecar.state === 'restarting')
    return (
      <p className={cx(s.banner)} role="status">
        {words.restarting}
      </p>
    );
  if (sidecar.state !== 'failed') return null;
  return (
    <div className={cx(s.banner, s.bad)} role="alert">
      <p>{words.failed}</p>
      <Button onPress={() => void bridge.call('restart', {}).catch(refuse)}>{words.again}</Button>
      <details className={cx(s.details)}>
        <summary>{words.details}</summary>
        <pre>{sidecar.message}</pre>
      </details>
    </div>
  );
}
