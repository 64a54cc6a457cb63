// Which ends of jobs are worth telling to who looks elsewhere.
import { expect, test } from 'vitest';
import type { Job } from '../contract/job.ts';
import { endings } from '../renderer/notices/endings.ts';

const job = (name: string, state: Job['state']): Job => ({ job: name, state }) as Job;

test('a job that was under way and was made, or failed, is told once', () => {
  const before = [job('a', 'running'), job('b', 'queued'), job('c', 'running')];
  const now = [job('a', 'done'), job('b', 'failed'), job('c', 'running')];
  expect(endings(before, now)).toEqual([job('a', 'done'), job('b', 'failed')]);
  expect(endings(now, now)).toEqual([]);
});

test('one that was asked for and over between two looks is told, too; an older one that comes into sight is not', () => {
  expect(endings([], [job('a', 'failed')])).toEqual([job('a', 'failed')]);
  const now = [job('old', 'done'), job('a', 'done'), job('b', 'done')];
  expect(endings([job('a', 'done')], now)).toEqual([job('b', 'done')]);
});

test('what a person cancelled is no news', () => {
  expect(endings([job('a', 'running')], [job('a', 'cancelled')])).toEqual([]);
});
