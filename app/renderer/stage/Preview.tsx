import { useEffect, useRef } from 'react';
import { bridge } from '../bridge/bridge.ts';
import { useCalm } from '../controls/calm.ts';
import { cx } from '../controls/cx.ts';
import { useWords } from '../words/words.ts';
import s from './Preview.module.css';

/** The first frame of a moving picture: nothing else keeps one from moving. */
function Still({ address, name }: { address: string; name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const picture = new Image();
    picture.onload = () => {
      if (!canvas.current) return;
      canvas.current.width = picture.naturalWidth;
      canvas.current.height = picture.naturalHeight;
      canvas.current.getContext('2d')?.drawImage(picture, 0, 0);
    };
    picture.src = address;
    return () => {
      picture.onload = null;
    };
  }, [address]);
  return <canvas className={cx(s.picture)} ref={canvas} role="img" aria-label={name} />;
}

/** What a video on its way looks like so far, one dot for every few pixels. */
export function Preview({ id, prompt }: { id: string; prompt: string }) {
  const words = useWords().stage;
  const still = useCalm();
  const address = bridge.mediaUrl(id);
  const name = words.previewOf(prompt);
  return (
    <>
      {still ? <Still address={address} name={name} /> : <img className={cx(s.picture)} src={address} alt={name} />}
      <p className={cx(s.label)}>{words.preview}</p>
    </>
  );
}
