import type { AppEvent } from '../../contract/event.ts';
import type { Trouble } from '../../contract/failure.ts';
import type { Entry, Page } from '../../contract/gallery.ts';

export type Since = 'today' | 'week' | 'month' | 'ever';

export interface Filter {
  readonly text: string;
  /** Null: any. */
  readonly model: string | null;
  readonly favourite: boolean;
  readonly since: Since;
}

/** What the gallery shows. */
export interface Album {
  readonly open: boolean;
  readonly filter: Filter;
  /** How often was asked for other videos: an answer to an older question is dropped. */
  readonly question: number;
  /** Newest first. */
  readonly entries: readonly Entry[];
  /** Null before the first answer. */
  readonly count: number | null;
  /** The models of all videos. */
  readonly made_with: readonly string[];
  readonly more: boolean;
  readonly loading: boolean;
  /** To be compared; two at most. */
  readonly chosen: readonly string[];
  readonly comparing: boolean;
  /** The job of the video that is looked at. */
  readonly shown: string | null;
  /** What was thrown away last, and what came after it: it can be taken back until the next action. */
  readonly removed: { readonly job: string; readonly missing: boolean; readonly next: string | null } | null;
  readonly refusal: Trouble | null;
}

export type AlbumEvent =
  | Extract<AppEvent, { type: 'favourite' | 'trashed' | 'restored' }>
  | { readonly type: 'opened' }
  | { readonly type: 'closed' }
  | { readonly type: 'filtered'; readonly change: Partial<Filter> }
  | { readonly type: 'asked' }
  /** In place of what is there, or behind it, or about the newest of it. */
  | { readonly type: 'page'; readonly question: number; readonly page: Page; readonly is: 'all' | 'rest' | 'newest' }
  | { readonly type: 'chosen'; readonly jobs: readonly string[] }
  | { readonly type: 'compared'; readonly on: boolean }
  | { readonly type: 'shown'; readonly job: string | null }
  | { readonly type: 'acted' }
  | { readonly type: 'removed'; readonly removed: Album['removed'] }
  | { readonly type: 'refused'; readonly refusal: Trouble };

export const blank: Album = {
  open: false,
  filter: { text: '', model: null, favourite: false, since: 'ever' },
  question: 0,
  entries: [],
  count: null,
  made_with: [],
  more: false,
  loading: false,
  chosen: [],
  comparing: false,
  shown: null,
  removed: null,
  refusal: null,
};

export const isFiltered = ({ text, model, favourite, since }: Filter): boolean =>
  text.trim() !== '' || model !== null || favourite || since !== 'ever';

/** The video `by` places further on; past either end there is none. */
export const neighbour = ({ entries, shown }: Album, by: 1 | -1): Entry | undefined => {
  const at = entries.findIndex((entry) => entry.job === shown);
  return at < 0 ? undefined : entries[at + by];
};

/** The whole life of the gallery, one event at a time. */
export function turn(album: Album, event: AlbumEvent): Album {
  const { entries, question } = album;
  switch (event.type) {
    case 'opened':
      return { ...blank, filter: album.filter, open: true, question: question + 1, loading: true };
    case 'closed':
      return { ...blank, filter: album.filter, question: question + 1 };
    case 'filtered': {
      const filter = { ...album.filter, ...event.change };
      return { ...album, filter, question: question + 1, loading: true, chosen: [], removed: null, refusal: null };
    }
    case 'asked':
      return { ...album, loading: true };
    case 'page':
      return event.question === question ? paged(album, event.page, event.is) : album;
    case 'chosen':
      return { ...album, chosen: event.jobs.slice(-2) };
    case 'compared':
      return { ...album, comparing: event.on && album.chosen.length === 2 };
    case 'shown':
      return { ...album, shown: event.job };
    case 'acted':
      return { ...album, removed: null, refusal: null };
    case 'removed':
      return { ...album, removed: event.removed };
    case 'refused':
      return { ...album, loading: false, refusal: event.refusal };
    case 'favourite': {
      const { job, favourite } = event;
      return { ...album, entries: entries.map((entry) => (entry.job === job ? { ...entry, favourite } : entry)) };
    }
    case 'trashed':
      return without(album, event.job);
    case 'restored':
      return within(album, event.entry);
  }
}

function paged(album: Album, { entries, ...page }: Page, is: 'all' | 'rest' | 'newest'): Album {
  const known = album.entries;
  if (is === 'all') return { ...album, ...page, entries, loading: false };
  if (is === 'rest') {
    const jobs = new Set(known.map((entry) => entry.job));
    const others = entries.filter((entry) => !jobs.has(entry.job));
    return { ...album, ...page, entries: [...known, ...others], loading: false };
  }
  // Where they meet what was scrolled through already, that stays.
  const met = known.findIndex((entry) => entry.job === entries.at(-1)?.job);
  if (met < 0) return { ...album, ...page, entries };
  return { ...album, ...page, entries: [...entries, ...known.slice(met + 1)], more: album.more };
}

function without(album: Album, job: string): Album {
  const at = album.entries.findIndex((entry) => entry.job === job);
  if (at < 0) return album;
  const entries = album.entries.toSpliced(at, 1);
  const chosen = album.chosen.filter((one) => one !== job);
  const shown = album.shown === job ? ((entries[at] ?? entries[at - 1])?.job ?? null) : album.shown;
  const comparing = album.comparing && chosen.length === 2;
  return { ...album, entries, chosen, shown, comparing, count: album.count && album.count - 1 };
}

/** Back before the one that came after it; where another window took it back, before the first that is older. */
function within(album: Album, entry: Entry): Album {
  const { entries, removed } = album;
  if (!album.open || entries.some((one) => one.job === entry.job)) return album;
  const own = removed?.job === entry.job;
  if (!own && isFiltered(album.filter)) return album;
  const before = own
    ? entries.findIndex((one) => one.job === removed.next)
    : entries.findIndex((one) => one.created < entry.created);
  const count = album.count === null ? null : album.count + 1;
  const at = before < 0 ? entries.length : before;
  return { ...album, entries: entries.toSpliced(at, 0, entry), count, removed: own ? null : removed };
}
