import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { Fold } from '../controls/Fold.tsx';
import { Refused } from '../controls/Refused.tsx';
import box from '../controls/TextBox.module.css';
import { TextBox } from '../controls/TextBox.tsx';
import { countOf, type Draft, withModel } from '../state/draft.ts';
import { cancel, endChange, replaceDraft, submit, useForm } from '../state/form.ts';
import { pendingOf } from '../state/next.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './Composer.module.css';
import { LengthField } from './LengthField.tsx';
import { ModelField } from './ModelField.tsx';
import { NegativeField } from './NegativeField.tsx';
import { OpenVideo } from './OpenVideo.tsx';
import { PictureField } from './PictureField.tsx';
import { PresetField } from './PresetField.tsx';
import { PromptField } from './PromptField.tsx';
import { LastSeed, SeedField } from './SeedField.tsx';
import { SizeField } from './SizeField.tsx';
import { SolverField, solverName } from './SolverField.tsx';
import { VerdictLine } from './VerdictLine.tsx';

const ADVANCED = new Set(['fps', 'guidance', 'shift', 'solver']);

/** Where a field can be focused; the “?” beside its label is no place to put something right. */
const FOCUSABLE = ':is(input, textarea, button:not([data-help]))';

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
  const refusals = useForm((form) => form.refusals);
  const refusal = useForm((form) => form.refusal);
  const negative = useForm((form) => form.draft.negative_prompt);
  const guidance = useForm((form) => form.draft.guidance);
  const shift = useForm((form) => form.draft.shift);
  const solver = useForm((form) => form.draft.solver);
  const pending = useWorld(({ jobs }) => pendingOf(jobs)?.job);
  const paused = useWorld((world) => world.paused);
  const changing = useForm((form) => form.changing !== null);
  const purpose = changing ? 'save' : pending || paused ? 'enqueue' : 'generate';
  const count = useForm((form) => (form.changing ? 1 : countOf(form.draft)));
  const { help } = words.create;
  const form = useRef<HTMLFormElement>(null);
  const [open, setOpen] = useState({ negative: negative !== '', advanced: false });
  useFirstModel();

  const send = (): void => {
    // The fields themselves, not what the form last heard: an input method may hold back the last syllable.
    const areas = [...(form.current?.querySelectorAll('textarea') ?? [])];
    const live: Partial<Draft> = Object.fromEntries(areas.map((area) => [area.name, area.value]));
    void submit(live).then(bringStage);
  };

  // The first field with a refusal is opened and focused.
  useEffect(() => {
    const wrong = Object.keys(useForm.getState().errors);
    const fields = [...(form.current?.querySelectorAll<HTMLElement>('[data-field]') ?? [])];
    const field = fields.flatMap((one) => one.dataset.field?.split(' ') ?? []).find((one) => wrong.includes(one));
    if (refusals === 0 || field === undefined) return;
    if (ADVANCED.has(field)) setOpen((before) => ({ ...before, advanced: true }));
    if (field === 'negative_prompt') setOpen((before) => ({ ...before, negative: true }));
    const at = requestAnimationFrame(() => {
      form.current?.querySelector<HTMLElement>(`[data-field~="${field}"] ${FOCUSABLE}`)?.focus();
    });
    return () => cancelAnimationFrame(at);
  }, [refusals]);

  return (
    <form
      ref={form}
      className={cx(s.composer)}
      aria-label={changing ? words.composer.changing : words.composer.title}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        send();
      }}
    >
      <div className={cx(s.fields)}>
        <PromptField />
        <Fold
          title={words.composer.negative}
          open={open.negative}
          onOpen={(negative) => setOpen({ ...open, negative })}
          summary={negative}
        >
          <NegativeField />
        </Fold>
        <div className={cx(s.sources)}>
          <PictureField />
          <OpenVideo />
        </div>
        <ModelField />
        <PresetField />
        <SizeField />
        <LengthField />
        <div className={cx(s.trio, box.line)}>
          <TextBox field="steps" label={words.steps.label} help={help.steps} step={1} />
          <SeedField />
          {!changing && <TextBox field="count" label={words.create.count.label} help={help.count} step={1} />}
        </div>
        <LastSeed />
        <Fold
          title={words.composer.advanced}
          open={open.advanced}
          onOpen={(advanced) => setOpen({ ...open, advanced })}
          summary={`${words.guidance.label} ${guidance} · ${words.shift.label} ${shift} · ${solverName(solver)}`}
        >
          <div className={cx(s.advanced, box.line)}>
            <TextBox field="guidance" label={words.guidance.label} help={help.guidance} step={0.5} />
            <TextBox field="shift" label={words.shift.label} help={help.shift} step={0.5} />
            <TextBox field="fps" label={words.length.fps} help={help.fps} step={1} />
          </div>
          <SolverField />
        </Fold>
      </div>
      <div className={cx(s.foot)}>
        {refusal && <Refused what={refusal} />}
        <p className={cx(changing ? s.changing : 'unseen')} role="status">
          {changing && words.composer.changing}
        </p>
        <div className={cx(s.actions)}>
          <Button type="submit" look="solid" wide>
            {count > 1 && purpose !== 'save' ? words.create.count[purpose](count) : words.composer[purpose]}
            <kbd className={cx(s.kbd)}>{words.composer.shortcut}</kbd>
          </Button>
          {changing && <Button onPress={endChange}>{words.composer.leave}</Button>}
          {pending && !changing && (
            <Button onPress={() => void cancel(pending)} data-cancel>
              {words.composer.cancel}
            </Button>
          )}
        </div>
        <VerdictLine />
      </div>
    </form>
  );
}
