import type { Method, Params, Result } from '../contract/method.ts';
import type { Model } from '../contract/model.ts';
import type { Sidecar } from './sidecar.ts';

export type Handlers = { readonly [M in Method]: (params: Params<M>) => Promise<Result<M>> };

const MINUTE = 60_000;

/** Every verb, answered by the sidecar. Forgetting one does not compile. */
export const handlers = (sidecar: Sidecar, tellModel: (model: Model) => void): Handlers => ({
  snapshot: async () => ({ ...(await sidecar.ask('snapshot')), sidecar: sidecar.state, log: sidecar.log.all() }),
  generate: ({ request }) => sidecar.ask('generate', { request }),
  estimate: ({ request }) => sidecar.ask('estimate', { request }),
  cancel: ({ job }) => sidecar.ask('cancel', { job }),
  retry: ({ job }) => sidecar.ask('retry', { job }),
  doctor: ({ self_test = false }) => sidecar.ask('doctor', { self_test }, (self_test ? 2 : 1) * MINUTE),
  add_model: async ({ path }) => {
    const added = await sidecar.ask('add_model', { path }, 2 * MINUTE);
    tellModel(added.model);
    return added;
  },
  prefer: ({ preferences }) => sidecar.ask('prefer', { preferences }),
  restart: async () => {
    await sidecar.restart();
    return {};
  },
});
