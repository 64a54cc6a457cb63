import type { CSSProperties } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import { cx } from '../controls/cx.ts';
import { TextBox } from '../controls/TextBox.tsx';
import type { Draft } from '../state/draft.ts';
import { edit, useForm } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './SizeField.module.css';

/** The sizes a model is good at, the picture's own, or any. */
export function SizeField() {
  const words = useWords().size;
  const { draft, errors } = useForm();
  const model = useWorld((world) => world.models.find((one) => one.id === draft.model));
  const choose = (size: Draft['size']): void => {
    const [width, height] = size.split('x');
    edit(width !== undefined && height !== undefined ? { size, width, height } : { size });
  };
  const wrong = draft.size === 'custom' ? undefined : (errors.width ?? errors.height);
  return (
    <div className={cx(s.field)} data-field={draft.size === 'custom' ? '' : 'width height'}>
      <RadioGroup value={draft.size} onChange={(size) => choose(size as Draft['size'])} className={cx(s.group)}>
        <Label className={cx(s.label)}>{words.label}</Label>
        <div className={cx(s.chips)}>
          {draft.picture && (
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
        <p className={cx(s.error)} role="alert">
          {wrong.message} {wrong.hint}
        </p>
      )}
      {draft.size === 'custom' && (
        <div className={cx(s.custom)}>
          <TextBox
            field="width"
            label={words.width}
            value={draft.width}
            onChange={(width) => edit({ width })}
            step={model?.multiple ?? 32}
          />
          <TextBox
            field="height"
            label={words.height}
            value={draft.height}
            onChange={(height) => edit({ height })}
            step={model?.multiple ?? 32}
          />
          {model && <p className={cx(s.hint)}>{words.multiple(model.multiple)}</p>}
        </div>
      )}
    </div>
  );
}
