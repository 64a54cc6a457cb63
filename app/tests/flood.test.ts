import { afterEach, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { AppEvent, LogLine } from '../contract/event.ts';
import { LogBatch } from '../core/logBatch.ts';
import { type BrowserHost, browserHost, say } from './browserHost.ts';
import { type Fake, fake, PATIENTLY } from './fake.ts';

let open: { end(): Promise<void> } | null = null;
afterEach(async () => {
  await open?.end();
  open = null;
});

test('50,000 log lines and 2,000 news at once: every piece of news in order, the log in portions that can be read', async () => {
  const behind: Fake = fake();
  open = behind;
  const { core, events, until } = behind;
  await core.start();
  const began = performance.now();
  await core.call('generate', { request: { prompt: 'FLOOD', steps: 1 } });
  await until((event) => event.type === 'progress' && event.progress.state === 'done');
  const took = performance.now() - began;
  const news = events.flatMap((event) => (event.type === 'progress' ? [event.progress] : []));
  expect(news.map(({ seq }) => seq)).toEqual(news.map((_, at) => at + 1));
  expect(news.filter(({ steps }) => steps === 50_000).map(({ step }) => step)).toEqual(
    Array.from({ length: 2000 }, (_, at) => 25 * (at + 1)),
  );
  const told = (text: string) => (event: AppEvent) =>
    event.type === 'log' && event.lines.some((line) => line.text.endsWith(text));
  await until(told('line 50000 of 50000 홍수 🌊'));
  const batches = events.flatMap((event) => (event.type === 'log' ? [event.lines] : []));
  expect(batches.length).toBeLessThan(took / 100 + 20);
  for (const lines of batches) expect(lines.length).toBeLessThanOrEqual(200);
  const numbers = batches.flat().map(({ n }) => n);
  expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
  const { log } = await core.call('snapshot', {});
  expect(log).toHaveLength(1000);
  expect(log.at(-1)?.n).toBeGreaterThanOrEqual(50_000);
});

const line = (n: number, transient = false): LogLine => ({ n, level: 'plain', text: `line ${n}`, transient });

test('of more lines than can be read the newest are told, and how many are not', () => {
  const told: LogLine[][] = [];
  const batch = new LogBatch((lines) => told.push(lines), 1_000_000, 10);
  for (let n = 1; n <= 10; n++) batch.add(line(n));
  batch.flush();
  expect(told.pop()?.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  for (let n = 11; n <= 1010; n++) batch.add(line(n));
  batch.flush();
  const [first, ...rest] = told.pop() ?? [];
  expect(first).toMatchObject({ n: 1001, text: '… 991 lines came too fast to be shown here …' });
  expect(rest.map(({ n }) => n)).toEqual([1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010]);
  batch.add(line(1011, true));
  batch.add(line(1012, true));
  batch.flush();
  expect(told.pop()).toEqual([line(1012, true)]);
  batch.flush();
  expect(told).toEqual([]);
});

interface Heard {
  bytes: number;
  readonly news: { seq: number; state: string }[];
}

const listen = (socket: WebSocket): Heard => {
  const heard: Heard = { bytes: 0, news: [] };
  socket.on('message', (data: Buffer) => {
    heard.bytes += data.byteLength;
    const { event } = JSON.parse(data.toString()) as { event?: AppEvent };
    if (event?.type === 'progress') heard.news.push({ seq: event.progress.seq, state: event.progress.state });
  });
  return heard;
};

test('a window that does not read loses mere progress, but no change of state, and holds up nobody', async () => {
  const web: BrowserHost = await browserHost({ FAKE_FLOOD: '20000', FAKE_HEAVY: '40000' }); // 800 news, 32 MB
  open = web;
  const [slow, quick] = [await web.window(), await web.window()];
  const [missed, all] = [listen(slow), listen(quick)];
  slow.pause();
  await say(quick, { id: 1, method: 'generate', params: { request: { prompt: 'FLOOD', steps: 1 } } });
  const states = (heard: Heard) => [...new Set(heard.news.map(({ state }) => state))];
  await expect.poll(() => states(all), PATIENTLY).toEqual(['queued', 'running', 'done']);
  expect(all.news.map(({ seq }) => seq)).toEqual(all.news.map((_, at) => at + 1));
  slow.resume();
  await expect.poll(() => states(missed), PATIENTLY).toEqual(['queued', 'running', 'done']);
  expect(missed.news.length).toBeLessThan(all.news.length);
  expect(missed.bytes).toBeLessThan(all.bytes / 2);
  // The gap tells it to ask, and the answer is whole again.
  const { result } = await say(slow, { id: 2, method: 'snapshot', params: {} });
  expect(result).toMatchObject({ seq: all.news.at(-1)?.seq, jobs: [{ state: 'done' }] });
});
