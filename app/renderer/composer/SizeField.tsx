import type { CSSProperties } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import { cx } from '../controls/cx.ts';
import { Saying } from '../controls/Saying.tsx';
import { TextBox } from '../controls/TextBox.tsx';
import type { Draft } from '../state/draft.ts';
import { edit, useForm } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './SizeField.module.css';

/** The sizes a model is good at, the picture's own, or any. */
export function SizeField() {
  const words = useWords().size;
  const size = useForm((form) => form.draft.size);
  const picture = useForm((form) => form.draft.picture);
  const error = useForm((form) => form.errors.width ?? form.errors.height);
  const chosen = useForm((form) => form.draft.model);
  const model = useWorld((world) => world.models.find((one) => one.id === chosen));
  const choose = (size: Draft['size']): void => {
    const [width, height] = size.split('x');
    edit(width !== undefined && height !== undefined ? { size, width, height } : { size });
  };
  const wrong = size === 'custom' ? undefined : error; // else it stands at its own box
  return (
    <div className={cx(s.field)} data-field={size === 'custom' ? '' : 'width height'}>
      <RadioGroup value={size} onChange={(size) => choose(size as Draft['size'])} className={cx(s.group)}>
        <Label className={cx(s.label)}>{words.label}</Label>
        <div className={cx(s.chips)}>
          {picture && (
            <Radio value="auto" className={cx(s.chip)}>
              {words.auto}
            </Radio>
          )}
          {model?.sizes.map(([width, height]) => (
            <Radio key={`${width}x${height}`} value={`${width}x${height}`} className={cx(s.chip)}>
              <span
                className={cx(s.glyph)}
                style={
                  {
                    '--across': width / Math.max(width, height),
                    '--down': height / Math.max(width, height),
                  } as CSSProperties
                }
                aria-hidden="true"
              />
              {width}×{height}
            </Radio>
          ))}
          <Radio value="custom" className={cx(s.chip)}>
            {words.custom}
          </Radio>
        </div>
      </RadioGroup>
      {wrong && (
        <div className={cx(s.error)} role="alert">
          <Saying what={wrong} />
        </div>
      )}
      {size === 'custom' && (
        <div className={cx(s.custom)}>
          <TextBox field="width" label={words.width} step={model?.multiple ?? 32} />
          <TextBox field="height" label={words.height} step={model?.multiple ?? 32} />
          {model && <p className={cx(s.hint)}>{words.multiple(model.multiple)}</p>}
        </div>
      )}
    </div>
  );
}
