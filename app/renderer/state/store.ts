import { create } from 'zustand';
import { bridge } from '../bridge/bridge.ts';
import { first, next, type State, type StateEvent } from './next.ts';
import { adopt } from './prefs.ts';

export const useWorld = create<State>(() => first);

/** Two frames: news of a burst is drawn together, so that a flood of it leaves the page free to answer a key. */
const TOGETHER_MS = 32;

let waiting: StateEvent[] = [];
let asking = false;

function dispatch(event: StateEvent): void {
  if (waiting.push(event) === 1) setTimeout(apply, TOGETHER_MS);
}

function apply(): void {
  const events = waiting;
  waiting = [];
  useWorld.setState((state) => events.reduce(next, state), true);
  void refresh();
}

/** Asks for a snapshot whenever the mirror is out of step, one at a time, and again a second later if it failed. */
async function refresh(): Promise<void> {
  const { synced, link, sidecar } = useWorld.getState();
  if (synced || asking || link !== 'live' || sidecar.state !== 'ready') return;
  asking = true;
  try {
    const snapshot = await bridge.call('snapshot', {});
    adopt(snapshot.preferences);
    dispatch({ type: 'snapshot', snapshot });
  } catch {
    setTimeout(() => void refresh(), 1000);
  } finally {
    asking = false;
  }
}

/** Ties the mirror to the bridge; called once, when the page starts. */
export function connect(): void {
  bridge.on(dispatch);
  bridge.onLink((link) => dispatch({ type: 'link', link }));
}
