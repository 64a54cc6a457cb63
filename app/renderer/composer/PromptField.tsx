import { Shuffle } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { TextBox } from '../controls/TextBox.tsx';
import { useForm } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { type Example, examplesFor } from '../words/examples.ts';
import { isFar } from '../words/known.ts';
import { useWords } from '../words/words.ts';
import { begin } from './begin.ts';
import s from './PromptField.module.css';
import { PromptHistory } from './PromptHistory.tsx';
import { usePromptKeys } from './usePromptKeys.ts';

/** How many examples there are at a time. */
const OFFERED = 3;
/** A prompt is judged once the hands rest. */
const REST_MS = 700;

/** The words a video is made of: with none, a few to begin with; with words the shipped model does not know, a hint. */
export function PromptField() {
  const words = useWords();
  const onKeyDown = usePromptKeys();
  const prompt = useForm((form) => form.draft.prompt);
  const chosen = useForm((form) => form.draft.model);
  // With a picture, what is seen is the picture, and the words say how it moves.
  const pictured = useForm((form) => form.draft.picture !== null);
  const model = useWorld(({ models }) => models.find(({ id }) => id === chosen));
  const examples = model ? examplesFor(model.shipped, words) : [];
  const offering = prompt.trim() === '' || examples.some((example) => example.prompt === prompt);
  const far = useRested(prompt, isFar) && model?.shipped && !pictured && !offering;
  return (
    <div className={cx(s.prompt)}>
      <TextBox
        field="prompt"
        label={words.composer.prompt}
        placeholder={words.composer.promptPlaceholder}
        rows={3}
        onKeyDown={onKeyDown}
        aside={
          <span className={cx(s.aside)}>
            <span className={cx(s.counter)}>{words.composer.characters([...prompt].length)}</span>
            <PromptHistory />
          </span>
        }
      />
      <div className={cx(s.under)}>
        {offering && examples.length > 0 && <Examples examples={examples} />}
        <p className={cx(s.far)} role="status">
          {far && words.composer.far}
        </p>
      </div>
    </div>
  );
}

/** A few examples in a row; a button brings the next few. */
function Examples({ examples }: { examples: readonly Example[] }) {
  const words = useWords().examples;
  const label = useId();
  const [turns, setTurns] = useState(0);
  const start = (turns * OFFERED) % examples.length;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a second form of look and of layout
    <div className={cx(s.examples)} role="group" aria-labelledby={label}>
      <span id={label} className={cx(s.label)}>
        {words.label}
      </span>
      {examples.slice(start, start + OFFERED).map(({ name, prompt }) => (
        <Button key={name} look="chip" onPress={() => begin(prompt)}>
          {name}
        </Button>
      ))}
      <Button look="plain" onPress={() => setTurns(turns + 1)} aria-label={words.more}>
        <Shuffle size={14} aria-hidden="true" />
      </Button>
    </div>
  );
}

/** What `judge` says of a text that has not changed for a moment. */
function useRested(text: string, judge: (text: string) => boolean): boolean {
  const [verdict, setVerdict] = useState(false);
  useEffect(() => {
    const at = setTimeout(() => setVerdict(judge(text)), REST_MS);
    return () => clearTimeout(at);
  }, [text, judge]);
  return verdict;
}
