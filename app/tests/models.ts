import { readFileSync } from 'node:fs';
import type { Model } from '../contract/model.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The official 5B’s sizes, limits and defaults, as the sidecar says them. */
export const official: Model = read('tests/conversations/hello.jsonl')
  .split('\n')
  .filter(Boolean)
  .flatMap((line) => (JSON.parse(line) as { out?: { reply: { models?: Model[] } } }).out?.reply.models ?? [])
  .map((model) => ({ ...model, id: 'wan2.2-ti2v-5b' }))[0] as Model;

const card = JSON.parse(read('models/wan-mini/model.json')) as Pick<Model, 'defaults' | 'sizes'>;

/** The model that ships. */
export const mini: Model = {
  ...official,
  id: 'wan-mini',
  shipped: true,
  defaults: card.defaults,
  sizes: card.sizes,
  max_frames: 97,
  max_side: 512,
};
