import { cx } from '../controls/cx.ts';
import { TextBox } from '../controls/TextBox.tsx';
import { useForm } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './NegativeField.module.css';

/** How the official one begins, of which the meaning is told. */
const OFFICIAL = /^色调艳丽，过曝，静态/;

/** What should not be seen; while it is empty, what the model then uses stands below. */
export function NegativeField() {
  const { composer, create } = useWords();
  const words = create.negative;
  const typed = useForm((form) => form.draft.negative_prompt);
  const chosen = useForm((form) => form.draft.model);
  const own = useWorld(({ models }) => models.find(({ id }) => id === chosen)?.defaults.negative_prompt ?? '');
  return (
    <>
      <TextBox
        field="negative_prompt"
        label={composer.negative}
        help={create.help.negative_prompt}
        hiddenLabel
        placeholder={own === '' ? words.nothing : words.empty}
        rows={2}
      />
      {own !== '' && typed.trim() === '' && (
        <dl className={cx(s.own)} data-own-negative>
          <dt>{words.own}</dt>
          {OFFICIAL.test(own) && <dd>{words.official}</dd>}
          <dd lang={OFFICIAL.test(own) ? 'zh' : undefined}>{own}</dd>
        </dl>
      )}
    </>
  );
}
