import { expect, test } from 'vitest';
import type { Entry, Page } from '../contract/gallery.ts';
import { differences } from '../renderer/gallery/differences.ts';
import { type Album, type AlbumEvent, blank, isFiltered, neighbour, turn } from '../renderer/state/album.ts';
import { lake } from './lake.ts';

const entry = (job: string, more: Partial<Entry> = {}): Entry => ({
  job,
  output: `video-${job}`,
  request: lake,
  created: `2026-01-02T03:04:0${9 - Number(job)}+00:00`,
  elapsed_s: 1,
  seconds: null,
  favourite: false,
  missing: false,
  ...more,
});

const pageOf = (jobs: string, more: Partial<Page> = {}): Page => ({
  entries: [...jobs].map((job) => entry(job)),
  more: false,
  count: jobs.length,
  made_with: ['wan-mini'],
  ...more,
});

const page = (jobs: string, is: 'all' | 'rest' | 'newest', question = 1, more: Partial<Page> = {}): AlbumEvent => ({
  type: 'page',
  question,
  is,
  page: pageOf(jobs, more),
});

const after = (...events: AlbumEvent[]): Album => events.reduce(turn, turn(blank, { type: 'opened' }));
const jobs = (album: Album): string => album.entries.map((one) => one.job).join('');

test('pages follow each other, and what both have stands there once', () => {
  const album = after(page('123', 'all', 1, { more: true }), { type: 'asked' }, page('345', 'rest'));
  expect([jobs(album), album.more, album.loading]).toEqual(['12345', false, false]);
});

test('an answer to a question that was changed meanwhile is dropped', () => {
  const album = after({ type: 'filtered', change: { text: 'boat' } }, page('12', 'all', 1));
  expect([jobs(album), album.loading, isFiltered(album.filter)]).toEqual(['', true, true]);
  expect(jobs(turn(album, page('3', 'all', 2)))).toBe('3');
});

test('what is new goes on top, and what was scrolled through stays', () => {
  const known = after(page('456', 'all', 1, { more: true }), page('78', 'rest', 1, { more: true }));
  expect(jobs(turn(known, page('345', 'newest')))).toBe('345678');
  expect(turn(known, page('345', 'newest')).more).toBe(true);
  expect(jobs(turn(known, page('123', 'newest')))).toBe('123');
});

test('a video that is thrown away leaves its neighbour in sight, and nothing chosen', () => {
  const looking: AlbumEvent[] = [
    page('123', 'all'),
    { type: 'chosen', jobs: ['2', '3'] },
    { type: 'compared', on: true },
  ];
  const gone = after(...looking, { type: 'shown', job: '2' }, { type: 'trashed', job: '2' });
  expect([jobs(gone), gone.shown, gone.chosen, gone.comparing, gone.count]).toEqual(['13', '3', ['3'], false, 2]);
  expect(turn({ ...gone, shown: '3' }, { type: 'trashed', job: '3' }).shown).toBe('1');
  expect(after(page('1', 'all'), { type: 'shown', job: '1' }, { type: 'trashed', job: '1' }).shown).toBe(null);
});

test('what is taken back goes where it was, though all were asked for in the same second', () => {
  const same = 'abc'.split('').map((job) => entry(job, { created: '2026-01-02T03:04:05+00:00' }));
  const [first, second, third] = same;
  if (!first || !second || !third) throw new Error();
  const all: AlbumEvent = { type: 'page', question: 1, is: 'all', page: { ...pageOf(''), entries: same, count: 3 } };
  for (const [one, next] of [
    [first, 'b'],
    [second, 'c'],
    [third, null],
  ] as const) {
    const removed: AlbumEvent = { type: 'removed', removed: { job: one.job, missing: false, next } };
    const back = after(all, { type: 'trashed', job: one.job }, removed, { type: 'restored', entry: one });
    expect([jobs(back), back.count, back.removed]).toEqual(['abc', 3, null]);
  }
});

test('what another window takes back goes by its date, unless only some are shown', () => {
  const back: AlbumEvent = { type: 'restored', entry: entry('2') };
  expect(jobs(after(page('13', 'all'), back))).toBe('123');
  expect(jobs(after(page('123', 'all'), back))).toBe('123');
  const some = after({ type: 'filtered', change: { favourite: true } }, page('13', 'all', 2));
  expect(jobs(turn(some, back))).toBe('13');
});

test('what was thrown away can be taken back until the next action', () => {
  const removed: AlbumEvent = { type: 'removed', removed: { job: '1', missing: false, next: null } };
  expect(after(removed).removed?.job).toBe('1');
  expect(after(removed, { type: 'acted' }).removed).toBe(null);
  expect(after(removed, { type: 'filtered', change: { text: 'a' } }).removed).toBe(null);
});

test('of more than two chosen the last two are compared', () => {
  expect(after({ type: 'chosen', jobs: ['1', '2', '3'] }).chosen).toEqual(['2', '3']);
  expect(after({ type: 'chosen', jobs: ['1'] }, { type: 'compared', on: true }).comparing).toBe(false);
});

test('past either end there is no neighbour', () => {
  const album = after(page('12', 'all'), { type: 'shown', job: '1' });
  expect([neighbour(album, -1), neighbour(album, 1)?.job]).toEqual([undefined, '2']);
});

test('the filter is there again when the gallery is', () => {
  const closed = after({ type: 'filtered', change: { text: 'boat' } }, page('1', 'all', 2), { type: 'closed' });
  expect([closed.open, closed.entries.length]).toEqual([false, 0]);
  expect(turn(closed, { type: 'opened' }).filter.text).toBe('boat');
});

test('a mark is seen wherever it was made', () => {
  const album = after(page('12', 'all'), { type: 'favourite', job: '2', favourite: true });
  expect(album.entries.map((one) => one.favourite)).toEqual([false, true]);
});

test('of two lists of settings only what differs is told', () => {
  const left = [
    { name: 'Seed', value: '7' },
    { name: 'Steps', value: '20' },
  ];
  const right = [
    { name: 'Seed', value: '8' },
    { name: 'Steps', value: '20' },
  ];
  expect(differences(left, right)).toEqual([{ name: 'Seed', left: '7', right: '8' }]);
});
