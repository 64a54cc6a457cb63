import { create } from 'zustand';
import type { Trouble } from '../../contract/failure.ts';
import type { Check } from '../../contract/method.ts';
import { bridge } from '../bridge/bridge.ts';
import { failureOf } from './form.ts';

interface Findings {
  /** Null until the machine has been looked at. */
  readonly checks: readonly Check[] | null;
  readonly looking: boolean;
  /** Looking, with the arithmetic, which takes longer. */
  readonly computing: boolean;
  readonly refusal: Trouble | null;
}

export const useDoctor = create<Findings>(() => ({ checks: null, looking: false, computing: false, refusal: null }));

/** Looks at the machine; with `arithmetic`, also compares what it computes with numbers of the official code. */
export async function examine(arithmetic = false): Promise<void> {
  if (useDoctor.getState().looking) return;
  useDoctor.setState({ looking: true, computing: arithmetic, refusal: null });
  try {
    useDoctor.setState({ checks: (await bridge.call('doctor', { self_test: arithmetic })).checks });
  } catch (error) {
    useDoctor.setState({ refusal: failureOf(error) });
  } finally {
    useDoctor.setState({ looking: false, computing: false });
  }
}
