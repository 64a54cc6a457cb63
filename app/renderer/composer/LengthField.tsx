import type { CSSProperties } from 'react';
import { Label, Slider, SliderOutput, SliderThumb, SliderTrack } from 'react-aria-components';
import { cx } from '../controls/cx.ts';
import box from '../controls/TextBox.module.css';
import { TextBox } from '../controls/TextBox.tsx';
import { readNumber } from '../state/draft.ts';
import { edit, useForm } from '../state/form.ts';
import { usePrefs } from '../state/prefs.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './LengthField.module.css';

/** Length in seconds for people, in frames for the model: a latent holds four frames, the first one holds one. */
export function LengthField() {
  const { length: words, create } = useWords();
  const language = usePrefs((prefs) => prefs.language);
  const chosen = useForm((form) => form.draft.model);
  const typed = useForm((form) => form.draft.frames);
  const rate = useForm((form) => form.draft.fps);
  const model = useWorld((world) => world.models.find((one) => one.id === chosen));
  const most = Math.max(1, Math.floor(((model?.max_frames ?? 121) - 1) / 4));
  const frames = readNumber(typed) ?? model?.defaults.frames ?? 25;
  const fps = readNumber(rate) || model?.defaults.fps || 24;
  const seconds = new Intl.NumberFormat(language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  const latents = Math.min(most, Math.max(0, Math.round((frames - 1) / 4)));
  return (
    <div className={cx(s.field, box.line)}>
      <Slider
        className={cx(s.slider)}
        value={latents}
        onChange={(value) => edit({ frames: String(4 * Number(value) + 1) })}
        minValue={0}
        maxValue={most}
        step={1}
      >
        <div className={cx(s.head)}>
          <Label className={cx(s.label)}>{words.label}</Label>
          <SliderOutput className={cx(s.seconds)}>{words.seconds(seconds.format(frames / fps))}</SliderOutput>
        </div>
        <SliderTrack className={cx(s.track)} style={{ '--fraction': latents / most } as CSSProperties}>
          <SliderThumb className={cx(s.thumb)} />
        </SliderTrack>
      </Slider>
      <TextBox field="frames" label={words.frames} help={create.help.frames} step={4} />
    </div>
  );
}
