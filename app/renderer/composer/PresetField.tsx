import { Label, Radio, RadioGroup } from 'react-aria-components';
import { cx } from '../controls/cx.ts';
import { useHelp } from '../controls/Help.tsx';
import box from '../controls/TextBox.module.css';
import { edit, useShape } from '../state/form.ts';
import { PRESETS, type Preset, presetOf, settingsOf } from '../state/preset.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './PresetField.module.css';

/** Size, length and steps in one choice; what is set by hand afterwards is its own. */
export function PresetField() {
  const {
    create: { preset: words, help },
  } = useWords();
  const draft = useShape();
  const model = useWorld(({ models }) => models.find(({ id }) => id === draft.model));
  const { button, sentence } = useHelp(words.label, help.preset);
  if (!model) return null;
  const preset = presetOf(draft, model);
  return (
    <RadioGroup
      className={cx(box.field)}
      value={preset}
      onChange={(name) => edit(settingsOf(name as Preset, draft, model))}
      orientation="horizontal"
    >
      <div className={cx(box.head)}>
        <span className={cx(box.named)}>
          <Label className={cx(box.label)}>{words.label}</Label>
          {button}
        </span>
        <span className={cx(s.custom)}>{preset === null && words.custom}</span>
      </div>
      <div className={cx(s.presets)}>
        {PRESETS.map((name) => (
          <Radio key={name} value={name} className={cx(s.preset)}>
            {words[name]}
          </Radio>
        ))}
      </div>
      {sentence}
    </RadioGroup>
  );
}
