import type { CSSProperties } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import { cx } from '../controls/cx.ts';
import { useHelp } from '../controls/Help.tsx';
import { Saying } from '../controls/Saying.tsx';
import { TextBox } from '../controls/TextBox.tsx';
import type { Draft } from '../state/draft.ts';
import { edit, useForm, useShape } from '../state/form.ts';
import { pixelsOf } from '../state/framing.ts';
import {
  levelOf,
  numberOf,
  RATIOS,
  type Ratio,
  ratioOf,
  type Size,
  shapeOf,
  sizeFor,
  sizesOf,
} from '../state/sizes.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './SizeField.module.css';

const nameOf = ([width, height]: Size): Draft['size'] => `${width}x${height}`;

const choose = (size: Size): void => edit({ size: nameOf(size), width: String(size[0]), height: String(size[1]) });

/** The shapes that a model can do, with their pixels; the picture's own, or any. */
export function SizeField() {
  const { size: words, create } = useWords();
  const draft = useShape();
  const error = useForm((form) => form.errors.width ?? form.errors.height);
  const model = useWorld((world) => world.models.find((one) => one.id === draft.model));
  const { button, sentence } = useHelp(words.label, create.help.size);
  const { size, picture } = draft;
  const pixels = model && pixelsOf(draft, model);
  const ratio = size !== 'auto' && size !== 'custom' && pixels ? ratioOf(shapeOf(pixels)) : null;
  const pick = (value: string): void => {
    const ratio = RATIOS.find((one) => one === value);
    const level = pixels && model ? levelOf(pixels, model) : 'large';
    const found = ratio && model && sizeFor(numberOf(ratio), level, model);
    if (found) choose(found);
    else edit({ size: value as Draft['size'] });
  };
  const wrong = size === 'custom' ? undefined : error; // else it stands at its own box
  return (
    <div className={cx(s.field)} data-field={size === 'custom' ? '' : 'width height'}>
      <RadioGroup value={ratio ?? size} onChange={pick} className={cx(s.group)}>
        <div className={cx(s.named)}>
          <Label className={cx(s.label)}>{words.label}</Label>
          {button}
          {size === 'auto' && pixels && <span className={cx(s.exact)}>{create.size.exact(...pixels)}</span>}
        </div>
        <div className={cx(s.chips)}>
          {picture && (
            <Radio value="auto" className={cx(s.chip)}>
              {words.auto}
            </Radio>
          )}
          {model &&
            RATIOS.filter((one) => sizesOf(one, model).length > 0).map((one) => (
              <Radio key={one} value={one} className={cx(s.chip)}>
                <Glyph ratio={one} />
                {one}
              </Radio>
            ))}
          <Radio value="custom" className={cx(s.chip)}>
            {words.custom}
          </Radio>
        </div>
        {sentence}
      </RadioGroup>
      {model && ratio && (
        <RadioGroup
          aria-label={create.size.pixels}
          className={cx(s.chips)}
          value={size}
          onChange={(name) => {
            const found = sizesOf(ratio, model).find((one) => nameOf(one) === name);
            if (found) choose(found);
          }}
        >
          {sizesOf(ratio, model).map((one) => (
            <Radio key={nameOf(one)} value={nameOf(one)} className={cx(s.chip, s.pixels)}>
              {create.size.exact(...one)}
            </Radio>
          ))}
        </RadioGroup>
      )}
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

function Glyph({ ratio }: { ratio: Ratio }) {
  const shape = numberOf(ratio);
  const style = { '--across': Math.min(1, shape), '--down': Math.min(1, 1 / shape) } as CSSProperties;
  return <span className={cx(s.glyph)} style={style} aria-hidden="true" />;
}
