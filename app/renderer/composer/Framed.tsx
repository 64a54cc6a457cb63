import type { CSSProperties } from 'react';
import type { Input } from '../../contract/request.ts';
import { bridge } from '../bridge/bridge.ts';
import { cx } from '../controls/cx.ts';
import { edit, useShape } from '../state/form.ts';
import { cropOf, pixelsOf } from '../state/framing.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './Framed.module.css';

/** The picture with what the model will not see of it veiled, and how much that is. */
export function Framed({ picture }: { picture: Input }) {
  const { picture: words, create } = useWords();
  const draft = useShape();
  const model = useWorld((world) => world.models.find((one) => one.id === draft.model));
  const { width, height } = picture;
  const video = model && width > 0 ? pixelsOf(draft, model) : null;
  const crop = video && cropOf([width, height], video);
  const cut = crop ? Math.round(100 * (1 - crop.width * crop.height)) : 0;
  const style = crop && { '--left': crop.left, '--top': crop.top, '--width': crop.width, '--height': crop.height };
  return (
    <>
      <span className={cx(s.frame)}>
        <img
          className={cx(s.picture)}
          src={bridge.mediaUrl(picture.id)}
          alt={words.alt}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
            // Of a job's picture only the id is known.
            if (width === 0) edit({ picture: { ...picture, width: naturalWidth, height: naturalHeight } });
          }}
        />
        {cut > 0 && <span className={cx(s.window)} style={style as CSSProperties} data-crop />}
      </span>
      <span className={cx(s.about)}>
        <span>{words.label}</span>
        {width > 0 && <span className={cx(s.faint)}>{create.size.exact(width, height)}</span>}
        {crop && <span className={cx(s.faint)}>{cut > 0 ? create.crop.cut(cut) : create.crop.whole}</span>}
      </span>
    </>
  );
}
