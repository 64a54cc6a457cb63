import type { Resolved } from '../contract/request.ts';

/** A request with nothing left open. */
export const lake: Resolved = {
  prompt: 'a lake',
  model: 'wan-mini',
  negative_prompt: '',
  image: null,
  width: 320,
  height: 192,
  frames: 25,
  fps: 12,
  steps: 20,
  guidance: 3,
  shift: 3,
  solver: 'unipc',
  seed: '7',
};
