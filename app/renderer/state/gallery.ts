import { create } from 'zustand';
import type { Entry, Wanted } from '../../contract/gallery.ts';
import { bridge } from '../bridge/bridge.ts';
import { type Album, type AlbumEvent, blank, type Filter, neighbour, type Since, turn } from './album.ts';
import { failureOf } from './form.ts';

const PAGE = 60;

const DAYS: Readonly<Record<Exclude<Since, 'ever'>, number>> = { today: 0, week: 6, month: 29 };

export const useGallery = create<Album>(() => blank);

const tell = (event: AlbumEvent): void => useGallery.setState((album) => turn(album, event), true);

bridge.on((event) => {
  if (event.type === 'favourite' || event.type === 'trashed' || event.type === 'restored') tell(event);
  if (event.type === 'progress' && event.progress.state === 'done') void renew();
});
bridge.onLink((link) => {
  if (link === 'live') void renew();
});

export function openGallery(): void {
  tell({ type: 'opened' });
  void ask('all');
}

export const closeGallery = (): void => tell({ type: 'closed' });

export function narrow(change: Partial<Filter>): void {
  tell({ type: 'filtered', change });
  void ask('all');
}

/** Asks for what follows, if anything does. */
export function readOn(): void {
  const { more, loading } = useGallery.getState();
  if (!more || loading) return;
  tell({ type: 'asked' });
  void ask('rest');
}

export const choose = (jobs: readonly string[]): void => tell({ type: 'chosen', jobs });
export const compare = (on: boolean): void => tell({ type: 'compared', on });
export const look = (job: string | null): void => tell({ type: 'shown', job });

/** Looks at the next video, or the one before; towards the end of what is known more is asked for. */
export function lookOn(by: 1 | -1): void {
  const entry = neighbour(useGallery.getState(), by);
  if (entry) look(entry.job);
  if (by === 1 && !neighbour(useGallery.getState(), by)) readOn();
}

export const mark = ({ job, favourite }: Entry): Promise<void> =>
  act(() => bridge.call('favourite', { job, on: !favourite }));

export function remove({ job, missing }: Entry): Promise<void> {
  const { entries } = useGallery.getState();
  const next = entries[entries.findIndex((entry) => entry.job === job) + 1]?.job ?? null;
  return act(async () => {
    await bridge.call('trash', { job });
    tell({ type: 'removed', removed: { job, missing, next } });
  });
}

/** Shows its file in its folder, where the host can. */
export const reveal = ({ output }: Entry): Promise<void> => act(async () => bridge.reveal?.(output));

/** Takes back what was thrown away last; who was looking at videos looks at it again. */
export async function takeBack(): Promise<void> {
  const { removed, shown } = useGallery.getState();
  if (!removed) return;
  try {
    await bridge.call('restore', { job: removed.job });
    if (shown !== null) look(removed.job);
  } catch (error) {
    tell({ type: 'refused', refusal: failureOf(error) });
  }
}

async function act(work: () => Promise<unknown>): Promise<void> {
  tell({ type: 'acted' });
  try {
    await work();
  } catch (error) {
    tell({ type: 'refused', refusal: failureOf(error) });
  }
}

/** There is a new video, or some were missed: the newest are asked for again. */
async function renew(): Promise<void> {
  if (useGallery.getState().open) await ask('newest');
}

async function ask(is: 'all' | 'rest' | 'newest'): Promise<void> {
  const { question, filter, entries } = useGallery.getState();
  const last = is === 'rest' ? entries.at(-1) : undefined;
  try {
    const page = await bridge.call('gallery', { ...wantedOf(filter), limit: PAGE, ...(last && { before: last.job }) });
    tell({ type: 'page', question, page, is });
  } catch (error) {
    tell({ type: 'refused', refusal: failureOf(error) });
  }
}

function wantedOf({ text, model, favourite, since }: Filter): Wanted {
  const words = text.trim();
  return {
    ...(words !== '' && { text: words }),
    ...(model !== null && { model }),
    ...(favourite && { favourite }),
    ...(since !== 'ever' && { since: midnight(DAYS[since]) }),
  };
}

/** When the day began that was so many days ago, in seconds. */
function midnight(days: number): number {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).getTime() / 1000;
}
