import { ImagePlus, X } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { Button as AriaButton, DropZone, FileTrigger, isFileDropItem, Text } from 'react-aria-components';
import { bridge } from '../bridge/bridge.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { Saying } from '../controls/Saying.tsx';
import { edit, refuse, useForm } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './PictureField.module.css';

const TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/bmp', 'image/avif'];

/** A picture to start from: dropped or pasted anywhere on the page, or chosen. It travels by content. */
export function PictureField() {
  const words = useWords().picture;
  const picture = useForm((form) => form.draft.picture);
  const error = useForm((form) => form.errors.image);
  const chosen = useForm((form) => form.draft.model);
  const able = useWorld((world) => world.models.find((model) => model.id === chosen)?.images ?? true);
  const [busy, setBusy] = useState(false);

  const take = useCallback(async (file: Blob | null | undefined) => {
    if (!file) return;
    setBusy(true);
    try {
      edit({ picture: await bridge.upload(file), size: 'auto' });
    } catch (why) {
      refuse(why, 'image');
    } finally {
      setBusy(false);
    }
  }, []);

  useEffect(() => {
    if (!able) return;
    const paste = (event: ClipboardEvent): void => {
      const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith('image/'));
      if (!file) return;
      event.preventDefault();
      void take(file);
    };
    // A file let go beside the field would otherwise replace the page.
    const over = (event: DragEvent): void => event.preventDefault();
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      void take(event.dataTransfer?.files[0]);
    };
    document.addEventListener('paste', paste);
    window.addEventListener('dragover', over);
    window.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('paste', paste);
      window.removeEventListener('dragover', over);
      window.removeEventListener('drop', drop);
    };
  }, [able, take]);

  if (!able) return <p className={cx(s.unable)}>{words.unsupported}</p>;
  return (
    <div className={cx(s.field)} data-field="image">
      <DropZone
        className={cx(s.zone, picture && s.filled, error && s.wrong)}
        aria-label={words.label}
        getDropOperation={() => 'copy'}
        onDrop={(event) => {
          const item = event.items.find(isFileDropItem);
          if (item) void item.getFile().then(take);
        }}
      >
        {picture ? (
          <>
            <img className={cx(s.preview)} src={bridge.mediaUrl(picture.id)} alt={words.alt} />
            <span className={cx(s.about)}>
              <Text slot="label">{words.label}</Text>
              {picture.width > 0 && (
                <span className={cx(s.faint)}>
                  {picture.width} × {picture.height}
                </span>
              )}
            </span>
            <Button look="icon" aria-label={words.remove} onPress={() => edit({ picture: null, size: backFrom() })}>
              <X size={17} aria-hidden="true" />
            </Button>
          </>
        ) : (
          <>
            <ImagePlus size={20} aria-hidden="true" className={cx(s.icon)} />
            <span className={cx(s.about)}>
              <Text slot="label">
                {words.label} <span className={cx(s.faint)}>· {words.optional}</span>
              </Text>
              <span className={cx(s.faint)}>
                {busy ? words.uploading : words.drop}{' '}
                {!busy && (
                  <FileTrigger acceptedFileTypes={TYPES} onSelect={(files) => void take(files?.[0])}>
                    <AriaButton className={cx(s.link)}>{words.choose}</AriaButton>
                  </FileTrigger>
                )}
              </span>
            </span>
          </>
        )}
      </DropZone>
      {error && (
        <div className={cx(s.error)} role="alert">
          <Saying what={error} />
        </div>
      )}
    </div>
  );
}

/** Without a picture there is nothing to follow: the size goes back to what stands in width and height. */
const backFrom = (): 'custom' | `${number}x${number}` => {
  const { draft } = useForm.getState();
  const model = useWorld.getState().models.find((one) => one.id === draft.model);
  const match = model?.sizes.find(([w, h]) => String(w) === draft.width && String(h) === draft.height);
  return match ? `${match[0]}x${match[1]}` : 'custom';
};
