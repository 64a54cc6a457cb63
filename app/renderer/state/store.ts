import { create } from 'zustand';
import { bridge } from '../bridge/bridge.ts';
import { first, next, type State, type StateEvent } from './next.ts';

export const useWorld = create<State>(() => first);

let asking = false;

function dispatch(event: StateEvent): void {
  useWorld.setState((state) => next(state, event), true);
  void refresh();
}

/** Asks for a snapshot whenever the mirror is out of step, one at a time, and again a second later if it failed. */
async function refresh(): Promise<void> {
  const { synced, link, sidecar } = useWorld.getState();
  if (synced || asking || link !== 'live' || sidecar.state !== 'ready') return;
  asking = true;
  try {
    const snapshot = await bridge.call('snapshot', {});
    asking = false;
    dispatch({ type: 'snapshot', snapshot });
  } catch {
    asking = false;
    setTimeout(() => void refresh(), 1000);
  }
}

/** Ties the mirror to the bridge; called once, when the page starts. */
export function connect(): void {
  bridge.on(dispatch);
  bridge.onLink((link) => dispatch({ type: 'link', link }));
}
