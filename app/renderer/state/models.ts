import { create } from 'zustand';
import type { Catalog } from '../../contract/download.ts';
import type { Trouble } from '../../contract/failure.ts';
import type { Method, Params } from '../../contract/method.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { bridge } from '../bridge/bridge.ts';
import { failureOf } from './form.ts';
import { useWorld } from './store.ts';

interface Shelf {
  readonly open: boolean;
  /** Null until it was asked for. */
  readonly catalog: Catalog | null;
  /** What a model's own video would take here, by the model's id. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** The model whose structure was found to be sound. */
  readonly sound: string | null;
  readonly refusal: Trouble | null;
}

export const useModels = create<Shelf>(() => ({
  open: false,
  catalog: null,
  verdicts: {},
  sound: null,
  refusal: null,
}));

export function openModels(): void {
  useModels.setState({ open: true, sound: null, refusal: null });
}

export const closeModels = (): void => useModels.setState({ open: false });

/** Asks what there is, and what each model would take on this machine. */
export async function lookAtModels(): Promise<void> {
  try {
    useModels.setState({ catalog: await bridge.call('catalog', {}) });
  } catch (error) {
    useModels.setState({ refusal: failureOf(error) });
  }
  for (const model of useWorld.getState().models.filter((one) => one.state === 'ready')) {
    try {
      const { verdict } = await bridge.call('estimate', { request: { prompt: model.name, model: model.id } });
      useModels.setState(({ verdicts }) => ({ verdicts: { ...verdicts, [model.id]: verdict } }));
    } catch {
      // then nothing is said of what it takes
    }
  }
}

type Verb = Extract<Method, 'pause_download' | 'resume_download' | 'cancel_download' | 'remove_model'>;

/** Does one thing about a model or its download; what stands in its way is said in the sheet. */
export async function act<V extends Verb>(verb: V, params: Params<V>): Promise<void> {
  useModels.setState({ refusal: null, sound: null });
  try {
    await bridge.call(verb, params);
  } catch (error) {
    useModels.setState({ refusal: failureOf(error) });
  }
}

export async function verify(model: string): Promise<void> {
  useModels.setState({ refusal: null, sound: null });
  try {
    const { by } = await bridge.call('verify_model', { model });
    if (by === 'structure') useModels.setState({ sound: model });
  } catch (error) {
    useModels.setState({ refusal: failureOf(error) });
  }
}
