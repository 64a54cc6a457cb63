import { create } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Failure, Trouble } from '../../contract/failure.ts';
import type { Model } from '../../contract/model.ts';
import { isOver } from '../../contract/phase.ts';
import { Refusal } from '../../contract/refusal.ts';
import type { Input, Resolved } from '../../contract/request.ts';
import { bridge } from '../bridge/bridge.ts';
import {
  type Draft,
  type Errors,
  empty,
  type Field,
  fieldOf,
  type Shape,
  type TypedField,
  toRequest,
  withJob,
  withModel,
} from './draft.ts';
import { useWorld } from './store.ts';

interface Form {
  readonly draft: Draft;
  readonly errors: Errors;
  /** How often fields were refused; each time the first of them gets the focus. */
  readonly refusals: number;
  /** A refusal that belongs to no field. */
  readonly refusal: Trouble | null;
  readonly sending: boolean;
  /** The waiting job that the form changes, and what stood in the form before. */
  readonly changing: { readonly job: string; readonly before: Draft } | null;
  /** The job on the stage; null shows the one being made, or the newest. */
  readonly shown: string | null;
}

const KEPT = 'artifex-draft';

const kept = (): Draft => {
  try {
    return { ...empty, ...(JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as Partial<Draft>) };
  } catch {
    return empty;
  }
};

export const useForm = create<Form>(() => ({
  draft: kept(),
  errors: {},
  refusals: 0,
  refusal: null,
  sending: false,
  changing: null,
  shown: null,
}));

/** What is drawn from this alone is not drawn anew as one types a prompt. */
export const useShape = (): Shape =>
  useForm(
    useShallow(({ draft: { model, picture, size, width, height, frames, steps } }) => ({
      ...{ model, picture, size, width, height, frames, steps },
    })),
  );

useForm.subscribe(({ draft, changing }, before) => {
  if (draft === before.draft) return;
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(changing?.before ?? draft));
  } catch {
    // full or forbidden: then a reload forgets the draft
  }
});

export const show = (job: string | null): void => useForm.setState({ shown: job });

/** Changes fields; what was said against them is taken back. */
export function edit(change: Partial<Draft>): void {
  useForm.setState(({ draft, errors }) => {
    const rest = { ...errors };
    for (const name of Object.keys(change)) delete rest[name === 'picture' ? 'image' : (name as Field)];
    if ('size' in change) {
      delete rest.width;
      delete rest.height;
    }
    return { draft: { ...draft, ...change }, errors: rest, refusal: null };
  });
}

export const type = (field: TypedField, text: string): void => edit({ [field]: text } as Pick<Draft, TypedField>);

export const replaceDraft = (draft: Draft): void => useForm.setState({ draft, errors: {}, refusal: null });

/** From here on the form is about a job that waits; the draft comes back afterwards. */
export const beginChange = (job: string): void =>
  useForm.setState(({ changing, draft }) => ({ changing: { job, before: changing?.before ?? draft } }));

export function endChange(): void {
  const { changing, draft } = useForm.getState();
  useForm.setState({ changing: null });
  replaceDraft(changing?.before ?? draft);
}

/** Puts the settings of a video that was made back into the form. */
export function refill(request: Resolved, picture: Input | null): void {
  const model = useWorld.getState().models.find((one) => one.id === request.model);
  replaceDraft(withJob(useForm.getState().draft, request, model, picture));
}

/** Takes over a model's own settings. */
export function chooseModel(model: Model | undefined): void {
  if (model) replaceDraft(withModel(useForm.getState().draft, model));
}

/** Puts a refusal where it belongs: at its field (or `at`, where it names none of the form's), or under the form. */
export function refuse(error: unknown, at: Field | null = null): void {
  const failure = failureOf(error);
  const field = fieldOf(failure) ?? at;
  if (field) refuseFields({ [field]: failure });
  else useForm.setState({ refusal: failure });
}

const refuseFields = (errors: Errors): void => useForm.setState(({ refusals }) => ({ errors, refusals: refusals + 1 }));

export const failureOf = (error: unknown): Failure =>
  (error instanceof Refusal ? error : new Refusal('INTERNAL', error instanceof Error ? error.message : String(error)))
    .failure;

/** Sends the form, with `changes` that are newer than what the form has heard of (a syllable still being typed). */
export async function submit(changes: Partial<Draft>): Promise<void> {
  if (useForm.getState().sending) return;
  edit(changes);
  const { draft, changing } = useForm.getState();
  const asked = toRequest(draft);
  if ('errors' in asked) return refuseFields(asked.errors);
  useForm.setState({ sending: true, errors: {}, refusal: null });
  try {
    if (changing) {
      await bridge.call('edit', { job: changing.job, request: asked.request });
      return endChange();
    }
    const idle = useWorld.getState().jobs.every((one) => isOver(one.state));
    const { job } = await bridge.call('generate', asked);
    // While another is being made, the stage stays with it; the strip shows the queue.
    if (idle) show(job);
  } catch (error) {
    // What was typed stays, for a new video.
    if (failureOf(error).case === 'not_waiting') useForm.setState({ changing: null });
    refuse(error);
  } finally {
    useForm.setState({ sending: false });
  }
}

export async function cancel(job: string): Promise<void> {
  await bridge.call('cancel', { job }).catch(refuse);
}

/** Has a job that came to nothing made after all, from where it had come to. */
export async function retry(job: string): Promise<void> {
  await bridge.call('retry', { job }).catch(refuse);
}
