import { ImagePlus, X } from 'lucide-react';
import { Button as AriaButton, FileTrigger } from 'react-aria-components';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { Saying } from '../controls/Saying.tsx';
import { type Draft, sizeOf } from '../state/draft.ts';
import { edit, useForm } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { take, useTaking } from '../state/taking.ts';
import { useWords } from '../words/words.ts';
import { Framed } from './Framed.tsx';
import s from './PictureField.module.css';

const TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/bmp', 'image/avif'];

/** The picture to start from: dropped or pasted anywhere on the page, or chosen here. */
export function PictureField() {
  const words = useWords().picture;
  const picture = useForm((form) => form.draft.picture);
  const error = useForm((form) => form.errors.image);
  const chosen = useForm((form) => form.draft.model);
  const able = useWorld((world) => world.models.find((model) => model.id === chosen)?.images ?? true);
  const busy = useTaking((taking) => taking.busy);
  if (!able) return <p className={cx(s.unable)}>{words.unsupported}</p>;
  return (
    <div className={cx(s.field)} data-field="image">
      <div className={cx(s.zone, picture && s.filled, error && s.wrong)}>
        {picture ? (
          <>
            <Framed picture={picture} />
            <Button look="icon" aria-label={words.remove} onPress={() => edit({ picture: null, size: backFrom() })}>
              <X size={17} aria-hidden="true" />
            </Button>
          </>
        ) : (
          <>
            <ImagePlus size={20} aria-hidden="true" className={cx(s.icon)} />
            <span className={cx(s.about)}>
              <span>
                {words.label} <span className={cx(s.faint)}>· {words.optional}</span>
              </span>
              <span className={cx(s.faint)}>
                {busy ? words.uploading : words.drop}{' '}
                {!busy && (
                  <FileTrigger acceptedFileTypes={TYPES} onSelect={(files) => files?.[0] && void take(files[0])}>
                    <AriaButton className={cx(s.link)}>{words.choose}</AriaButton>
                  </FileTrigger>
                )}
              </span>
            </span>
          </>
        )}
      </div>
      {error && (
        <div className={cx(s.error)} role="alert">
          <Saying what={error} />
        </div>
      )}
    </div>
  );
}

/** Without a picture there is nothing to follow: the size goes back to what stands in width and height. */
const backFrom = (): Draft['size'] => {
  const { draft } = useForm.getState();
  const model = useWorld.getState().models.find((one) => one.id === draft.model);
  return sizeOf(Number(draft.width), Number(draft.height), model);
};
