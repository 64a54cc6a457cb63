import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { isOver } from '../../contract/phase.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { Fold } from '../controls/Fold.tsx';
import box from '../controls/TextBox.module.css';
import { TextBox } from '../controls/TextBox.tsx';
import { type Draft, withModel } from '../state/draft.ts';
import { cancel, edit, replaceDraft, submit, useForm } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './Composer.module.css';
import { LengthField } from './LengthField.tsx';
import { ModelField } from './ModelField.tsx';
import { PictureField } from './PictureField.tsx';
import { SeedField } from './SeedField.tsx';
import { SizeField } from './SizeField.tsx';
import { SolverField } from './SolverField.tsx';

const ADVANCED = new Set(['shift', 'solver']);

/** Takes the first ready model's settings when the form has none yet. */
function useFirstModel(): void {
  const models = useWorld((world) => world.models);
  useEffect(() => {
    const { draft } = useForm.getState();
    if (models.some((model) => model.id === draft.model)) return;
    const model = models.find((one) => one.state === 'ready') ?? models[0];
    if (model) replaceDraft(withModel(draft, model));
  }, [models]);
}

/** On a narrow page the stage is below the form: what was asked for is brought into sight. */
const bringStage = (): void => {
  const { errors, refusal } = useForm.getState();
  if (Object.keys(errors).length > 0 || refusal) return;
  document.querySelector('[data-stage]')?.scrollIntoView({ block: 'nearest' });
};

/** Everything a video needs to be asked for. */
export function Composer() {
  const words = useWords();
  const { draft, errors, refusal, sending } = useForm();
  const pending = useWorld(
    (world) => world.jobs.find((job) => job.state === 'running') ?? world.jobs.find((job) => !isOver(job.state)),
  );
  const form = useRef<HTMLFormElement>(null);
  const prompt = useRef<HTMLTextAreaElement>(null);
  const [open, setOpen] = useState({ negative: draft.negative_prompt !== '', advanced: false });
  useFirstModel();

  const send = (): void => {
    // The field itself, not what the form last heard: an input method may hold back the last syllable.
    const live: Partial<Draft> = prompt.current ? { prompt: prompt.current.value } : {};
    void submit(live, words.composer.notANumber).then(bringStage);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };

  // The first field with a refusal is opened and focused.
  useEffect(() => {
    const field = Object.keys(errors)[0];
    if (field === undefined) return;
    if (ADVANCED.has(field)) setOpen((before) => ({ ...before, advanced: true }));
    if (field === 'negative_prompt') setOpen((before) => ({ ...before, negative: true }));
    const at = requestAnimationFrame(() => {
      form.current?.querySelector<HTMLElement>(`[data-field~="${field}"] :is(input, textarea, button)`)?.focus();
    });
    return () => cancelAnimationFrame(at);
  }, [errors]);

  return (
    <form
      ref={form}
      className={cx(s.composer)}
      aria-label={words.composer.title}
      onKeyDown={onKeyDown}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        send();
      }}
    >
      <div className={cx(s.fields)}>
        <div className={cx(s.prompt)}>
          <TextBox
            field="prompt"
            label={words.composer.prompt}
            value={draft.prompt}
            onChange={(value) => edit({ prompt: value })}
            placeholder={words.composer.promptPlaceholder}
            rows={3}
            areaRef={prompt}
            aside={<span className={cx(s.counter)}>{words.composer.characters([...draft.prompt].length)}</span>}
          />
        </div>
        <Fold
          title={words.composer.negative}
          open={open.negative}
          onOpen={(negative) => setOpen({ ...open, negative })}
          summary={draft.negative_prompt}
        >
          <TextBox
            field="negative_prompt"
            label={words.composer.negative}
            hiddenLabel
            value={draft.negative_prompt}
            onChange={(value) => edit({ negative_prompt: value })}
            placeholder={words.composer.negativePlaceholder}
            rows={2}
          />
        </Fold>
        <PictureField />
        <ModelField />
        <SizeField />
        <LengthField />
        <div className={cx(s.trio, box.line)}>
          <TextBox
            field="steps"
            label={words.steps.label}
            value={draft.steps}
            onChange={(value) => edit({ steps: value })}
            step={1}
          />
          <TextBox
            field="guidance"
            label={words.guidance.label}
            value={draft.guidance}
            onChange={(value) => edit({ guidance: value })}
            step={0.5}
          />
          <SeedField />
        </div>
        <Fold
          title={words.composer.advanced}
          open={open.advanced}
          onOpen={(advanced) => setOpen({ ...open, advanced })}
          summary={`${words.shift.label} ${draft.shift} · ${draft.solver}`}
        >
          <div className={cx(s.pair)}>
            <TextBox
              field="shift"
              label={words.shift.label}
              value={draft.shift}
              onChange={(value) => edit({ shift: value })}
              step={0.5}
            />
            <SolverField />
          </div>
        </Fold>
      </div>
      <div className={cx(s.foot)}>
        {refusal && (
          <p className={cx(s.refusal)} role="alert">
            <strong>{words.composer.notSent}</strong> {refusal.message} {refusal.hint}
          </p>
        )}
        <div className={cx(s.actions)}>
          <Button type="submit" look="solid" wide isDisabled={sending}>
            {pending ? words.composer.enqueue : words.composer.generate}
            <kbd className={cx(s.kbd)}>{words.composer.shortcut}</kbd>
          </Button>
          {pending && (
            <Button onPress={() => void cancel(pending.job)} data-cancel>
              {words.composer.cancel}
            </Button>
          )}
        </div>
      </div>
    </form>
  );
}
