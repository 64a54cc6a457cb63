import type { LinkState } from '../../contract/bridge.ts';
import type { Download } from '../../contract/download.ts';
import type { AppEvent, LogLine, SidecarState } from '../../contract/event.ts';
import type { Job, Progress } from '../../contract/job.ts';
import type { Engine, Snapshot } from '../../contract/method.ts';
import type { Model } from '../../contract/model.ts';
import { isOver, isSettled } from '../../contract/phase.ts';

/** What the screen knows of the world: a mirror of the sidecar, and how good the glass is. */
export interface State {
  readonly link: LinkState;
  readonly sidecar: SidecarState;
  /** False while the mirror needs a new snapshot; news that arrives meanwhile waits in `early`. */
  readonly synced: boolean;
  readonly seq: number;
  readonly early: readonly Progress[];
  /** Oldest first, as the sidecar has them. */
  readonly jobs: readonly Job[];
  /** After what is being made, nothing new begins. */
  readonly paused: boolean;
  readonly models: readonly Model[];
  readonly engine: Engine;
  readonly download: Download | null;
  readonly log: readonly LogLine[];
}

export type StateEvent =
  | AppEvent
  | { readonly type: 'link'; readonly link: LinkState }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot };

export const first: State = {
  link: 'connecting',
  sidecar: { state: 'starting', why: null, tail: [] },
  synced: false,
  seq: 0,
  early: [],
  jobs: [],
  paused: false,
  models: [],
  engine: { state: 'stopped', device: null },
  download: null,
  log: [],
};

export const waits = (job: Job): boolean => !isOver(job.state) && job.state !== 'running';

/** What waits, in the order in which it will be made. */
export const waitingOf = (jobs: readonly Job[]): readonly Job[] =>
  jobs.filter(waits).sort((one, other) => one.rank - other.rank);

/** The job being made, or the next one whose turn comes: the one that Cancel is about. */
export const pendingOf = (jobs: readonly Job[]): Job | undefined =>
  jobs.find((job) => job.state === 'running') ?? waitingOf(jobs)[0];

const LOG_ROOM = 1000;

/** The whole life of the screen's truth, one event at a time: no clocks, no network, no DOM. */
export function next(state: State, event: StateEvent): State {
  switch (event.type) {
    case 'link':
      return { ...state, link: event.link, synced: false, early: [], download: old(state.download) };
    case 'sidecar':
      // Another life counts its lines from one again.
      return { ...state, sidecar: event.sidecar, synced: false, early: [], download: old(state.download) };
    case 'snapshot': {
      const { seq, jobs, paused, models, engine, sidecar, log } = event.snapshot;
      const download = newer(event.snapshot.download, state.download);
      const told = { seq, jobs, paused, models, engine, download, sidecar, log };
      const fresh: State = { ...state, ...told, synced: true, early: [] };
      return state.early.reduce(progressed, fresh);
    }
    case 'progress':
      return progressed(state, event.progress);
    case 'model':
      return { ...state, models: [...state.models.filter((model) => model.id !== event.model.id), event.model] };
    case 'paused':
      return { ...state, paused: event.paused };
    case 'models':
      return { ...state, models: event.models };
    case 'download': {
      const download = newer(state.download, event.download);
      // With its end there is a model that can be chosen, or there is one no more.
      const ended = download !== state.download && isSettled(event.download.state);
      return { ...state, download, synced: state.synced && !ended };
    }
    case 'trashed':
      return { ...state, jobs: state.jobs.filter((job) => job.job !== event.job) };
    case 'restored':
      return { ...state, synced: false };
    case 'favourite':
      return state;
    case 'log':
      return { ...state, log: logged(state.log, event.lines) };
  }
}

/** Another life of the sidecar counts from one again. */
const old = (download: Download | null): Download | null => download && { ...download, n: 0 };

const newer = (one: Download | null, other: Download | null): Download | null =>
  (other?.n ?? 0) > (one?.n ?? 0) ? other : one;

function progressed(state: State, news: Progress): State {
  if (!state.synced) return { ...state, early: [...state.early, news] };
  if (news.seq <= state.seq) return state;
  const known = state.jobs.some((job) => job.job === news.job);
  if (news.seq !== state.seq + 1 || !known) return { ...state, synced: false, early: [news] };
  const { seq, seed, ...face } = news;
  // What the engine runs on is in the snapshot alone, and by its first video it has said so.
  const synced = news.state !== 'done' || state.engine.device !== null;
  return {
    ...state,
    seq,
    synced,
    jobs: state.jobs.map((job) =>
      job.job === news.job ? { ...job, ...face, request: { ...job.request, seed: seed ?? job.request.seed } } : job,
    ),
  };
}

function logged(log: readonly LogLine[], lines: readonly LogLine[]): readonly LogLine[] {
  const said = [...log];
  for (const line of lines) {
    const before = said.at(-1);
    if (before && line.n <= before.n) continue;
    if (before?.transient) said.pop();
    said.push(line);
  }
  return said.slice(-LOG_ROOM);
}
