import { create } from 'zustand';
import { isOver } from '../../contract/phase.ts';
import { Refusal } from '../../contract/refusal.ts';
import { bridge } from '../bridge/bridge.ts';
import { type Draft, type Errors, empty, type Field, fieldOf, toRequest } from './draft.ts';
import { useWorld } from './store.ts';

interface Form {
  readonly draft: Draft;
  readonly errors: Errors;
  /** A refusal that belongs to no field. */
  readonly refusal: { readonly message: string; readonly hint: string | null } | null;
  readonly sending: boolean;
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

export const useForm = create<Form>(() => ({ draft: kept(), errors: {}, refusal: null, sending: false, shown: null }));

useForm.subscribe(({ draft }, before) => {
  if (draft === before.draft) return;
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(draft));
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

export const replaceDraft = (draft: Draft): void => useForm.setState({ draft, errors: {}, refusal: null });

/** Puts a refusal where it belongs: at its field, or under the form. */
export function refuse(error: unknown): void {
  const failure =
    error instanceof Refusal
      ? error.failure
      : new Refusal('INTERNAL', error instanceof Error ? error.message : String(error)).failure;
  const { message, hint } = failure;
  const field = fieldOf(failure);
  useForm.setState(field ? { errors: { [field]: { message, hint } } } : { refusal: { message, hint } });
}

/** Sends the form, with `changes` that are newer than what the form has heard of (a syllable still being typed). */
export async function submit(changes: Partial<Draft>, notANumber: string): Promise<void> {
  if (useForm.getState().sending) return;
  edit(changes);
  const asked = toRequest(useForm.getState().draft, notANumber);
  if ('errors' in asked) return useForm.setState({ errors: asked.errors });
  useForm.setState({ sending: true, errors: {}, refusal: null });
  try {
    const idle = useWorld.getState().jobs.every((one) => isOver(one.state));
    const { job } = await bridge.call('generate', { request: asked.request });
    // While another is being made, the stage stays with it; the strip shows the queue.
    if (idle) show(job);
  } catch (error) {
    refuse(error);
  } finally {
    useForm.setState({ sending: false });
  }
}

export async function cancel(job: string): Promise<void> {
  await bridge.call('cancel', { job }).catch(refuse);
}
