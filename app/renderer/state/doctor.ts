import { create } from 'zustand';
import type { Trouble } from '../../contract/failure.ts';
import type { Check } from '../../contract/method.ts';
import { bridge } from '../bridge/bridge.ts';
import { failureOf } from './form.ts';

interface Findings {
  /** Null until the machine has been looked at. */
  readonly checks: readonly Check[] | null;
  readonly looking: boolean;
  readonly refusal: Trouble | null;
}

export const useDoctor = create<Findings>(() => ({ checks: null, looking: false, refusal: null }));

export async function examine(): Promise<void> {
  if (useDoctor.getState().looking) return;
  useDoctor.setState({ looking: true, refusal: null });
  try {
    useDoctor.setState({ checks: (await bridge.call('doctor', {})).checks });
  } catch (error) {
    useDoctor.setState({ refusal: failureOf(error) });
  } finally {
    useDoctor.setState({ looking: false });
  }
}
