import type { AppEvent } from '../contract/event.ts';
import type { Method, Params, Result } from '../contract/method.ts';
import type { Sidecar } from './sidecar.ts';

export type Handlers = { readonly [M in Method]: (params: Params<M>) => Promise<Result<M>> };

const MINUTE = 60_000;

type Tell = (event: AppEvent) => void;

async function turn(op: 'pause' | 'resume', sidecar: Sidecar, tell: Tell): Promise<Result<'pause'>> {
  const { paused } = await sidecar.ask(op);
  tell({ type: 'paused', paused });
  return { paused };
}

/** Every verb, answered by the sidecar; what its news lack is told to every window. Forgetting one does not compile. */
export const handlers = (sidecar: Sidecar, tell: Tell): Handlers => ({
  snapshot: async () => ({ ...(await sidecar.ask('snapshot')), sidecar: sidecar.state, log: sidecar.log.all() }),
  generate: (wish) => sidecar.ask('generate', wish),
  prompts: () => sidecar.ask('prompts'),
  estimate: ({ request }) => sidecar.ask('estimate', { request }),
  cancel: ({ job }) => sidecar.ask('cancel', { job }),
  retry: ({ job }) => sidecar.ask('retry', { job }),
  move: ({ job, before }) => sidecar.ask('move', { job, before }),
  edit: ({ job, request }) => sidecar.ask('edit', { job, request }),
  pause: () => turn('pause', sidecar, tell),
  resume: () => turn('resume', sidecar, tell),
  doctor: ({ self_test = false }) => sidecar.ask('doctor', { self_test }, (self_test ? 2 : 1) * MINUTE),
  add_model: async ({ path }) => {
    const added = await sidecar.ask('add_model', { path }, 2 * MINUTE);
    tell({ type: 'model', model: added.model });
    return added;
  },
  catalog: () => sidecar.ask('catalog', {}, MINUTE),
  download: ({ model, folder, hub = null }) => sidecar.ask('download', { model, folder, hub }),
  pause_download: () => sidecar.ask('pause_download'),
  resume_download: () => sidecar.ask('resume_download'),
  cancel_download: ({ keep }) => sidecar.ask('cancel_download', { keep }, 2 * MINUTE),
  verify_model: ({ model }) => sidecar.ask('verify_model', { model }, MINUTE),
  remove_model: async ({ model, files }) => {
    const left = await sidecar.ask('remove_model', { model, files }, 2 * MINUTE);
    tell({ type: 'models', models: left.models });
    return left;
  },
  gallery: (wish) => sidecar.ask('gallery', wish, MINUTE),
  favourite: async ({ job, on }) => {
    const marked = await sidecar.ask('favourite', { job, on });
    tell({ type: 'favourite', ...marked });
    return marked;
  },
  trash: async ({ job }) => {
    const gone = await sidecar.ask('trash', { job }, 10 * MINUTE);
    tell({ type: 'trashed', ...gone });
    return gone;
  },
  restore: async ({ job }) => {
    const back = await sidecar.ask('restore', { job }, 10 * MINUTE);
    tell({ type: 'restored', ...back });
    return back;
  },
  prefer: ({ preferences }) => sidecar.ask('prefer', { preferences }),
  videos_folder: ({ folder = null }) => sidecar.ask('videos_folder', { folder }, MINUTE),
  restart: async () => {
    await sidecar.restart();
    return {};
  },
});
