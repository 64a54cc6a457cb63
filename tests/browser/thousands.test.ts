import { execFileSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { field, quick, send, settled, stage } from './hands.ts';
import { type Place, place, python, root, why } from './place.ts';

const WORDS = ['a red boat', 'a green train', 'snow on a forest'];

let here: Place | null = null;
afterAll(() => here?.leave());

// ARTIFEX_VIDEOS_LISTED=5000 node_modules/.bin/vitest run --project browser tests/browser/thousands.test.ts
test('how quickly thousands of videos are shown and scrolled through', { timeout: 600_000 }, async (context) => {
  const videos = process.env.ARTIFEX_VIDEOS_LISTED ?? '';
  context.skip(videos === '', 'ARTIFEX_VIDEOS_LISTED does not say how many');
  context.skip(why !== '', why);
  here = await place();
  const page = await here.visit({ viewport: { width: 1280, height: 800 } });
  await settled(page);
  for (const words of WORDS) {
    await quick(page, words);
    await field(page, 'width').fill('320');
    await field(page, 'height').fill('192');
    await send(page).click();
    await stage(page, 'done').getByText(words).waitFor({ timeout: 120_000 });
  }
  const filled = execFileSync(python, ['-m', 'benchmarks.gallery', here.data, '--videos', videos], { cwd: root });
  await page.reload();
  await settled(page);
  await page.waitForTimeout(2000);

  const heap_before = await heap(page);
  const first_paint_ms = await page.evaluate(paintOf);
  await page.waitForTimeout(2000);
  const heap_top = await heap(page);
  const scrolled = await page.evaluate(scroll);
  const heap_bottom = await heap(page);
  await page.keyboard.press('Escape');
  await page.locator('[data-gallery]').waitFor({ state: 'detached' });
  const heap_after = await heap(page);
  const heap_mib = { before: heap_before, top: heap_top, bottom: heap_bottom, closed: heap_after };
  console.log(JSON.stringify({ ...JSON.parse(String(filled)), first_paint_ms, ...scrolled, heap_mib }));
  expect(scrolled.rows).toBe(Number(videos));
  expect(scrolled.most_videos).toBeLessThanOrEqual(1 + 2); // the one that plays, and two whose stills are drawn
});

// ARTIFEX_JOBS_QUEUED=1000 node_modules/.bin/vitest run --project browser tests/browser/thousands.test.ts
test('how quickly a thousand waiting videos are shown and put in order', { timeout: 600_000 }, async (context) => {
  const jobs = Number(process.env.ARTIFEX_JOBS_QUEUED ?? 0);
  context.skip(jobs === 0, 'ARTIFEX_JOBS_QUEUED does not say how many');
  context.skip(why !== '', why);
  const there = await place();
  try {
    const page = await there.visit({ viewport: { width: 1280, height: 800 } });
    await settled(page);
    await page.keyboard.press('Control+j');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.keyboard.press('Escape');
    await quick(page, 'a red boat');
    await field(page, 'count').fill('8');
    for (let queued = 8; queued <= jobs; queued += 8) {
      await send(page).click();
      await page.waitForFunction(
        (count) => document.querySelector('[data-queue-button]')?.textContent?.includes(`${count}`),
        queued,
      );
    }
    await page.reload();
    await settled(page);
    await page.waitForTimeout(1000);
    const shown = await page.evaluate(queueOf);
    console.log(JSON.stringify({ jobs, ...shown }));
    expect(shown.rows).toBe(jobs);
  } finally {
    await there.leave();
  }
});

interface Queued {
  readonly first_paint_ms: number;
  readonly rows: number;
  readonly move_ms: number;
  readonly longest_task_ms: number;
}

/** Opens the queue, scrolls through it, and moves its last video one place up. */
async function queueOf(): Promise<Queued> {
  const tasks: number[] = [];
  const watcher = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)));
  watcher.observe({ type: 'longtask' });
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const began = performance.now();
  document.querySelector<HTMLElement>('[data-queue-button]')?.click();
  while (!document.querySelector('[data-queue] [data-job]')) await painted();
  await painted();
  const first_paint_ms = Math.round(performance.now() - began);
  const names = () =>
    [...document.querySelectorAll<HTMLElement>('[data-queue] [data-job]')].map((row) => row.dataset.job);
  let [before, still] = [names(), 0];
  while (still < 20) {
    const known = before.length;
    document.querySelector('[data-queue] ol')?.lastElementChild?.scrollIntoView();
    await painted();
    before = names();
    still = before.length === known ? still + 1 : 0;
  }
  const asked = performance.now();
  const last = [...document.querySelectorAll<HTMLElement>('[data-queue] [data-job]')].at(-1);
  (last?.querySelector<HTMLElement>('button') ?? last)?.focus();
  (document.activeElement ?? last)?.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'ArrowUp', altKey: true, bubbles: true }),
  );
  while (names().at(-2) !== before.at(-1)) await painted();
  const move_ms = Math.round(performance.now() - asked);
  watcher.disconnect();
  return { first_paint_ms, rows: before.length, move_ms, longest_task_ms: Math.round(Math.max(0, ...tasks)) };
}

/** MiB that JavaScript holds, swept. */
async function heap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return Math.round((usedSize / 2 ** 20) * 10) / 10;
}

/** Milliseconds from the press of the button until the first of the grid are painted. */
function paintOf(): Promise<number> {
  const began = performance.now();
  document.querySelector<HTMLElement>('[data-gallery-button]')?.click();
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.querySelectorAll('[data-gallery] [data-job]').length === 0) return void requestAnimationFrame(look);
      requestAnimationFrame(() => setTimeout(() => resolve(Math.round(performance.now() - began))));
    };
    look();
  });
}

interface Scrolled {
  readonly seconds: number;
  readonly rows: number;
  /** Of all tasks longer than 50 ms. */
  readonly long_tasks: number;
  readonly longest_task_ms: number;
  readonly most_cells: number;
  readonly most_videos: number;
}

/** Scrolls from top to bottom, most of a screen at a time, as pages come. */
async function scroll(): Promise<Scrolled> {
  const grid = document.querySelector<HTMLElement>('[data-gallery] [role="grid"]');
  if (!grid) throw new Error('no grid');
  const tasks: number[] = [];
  const watcher = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)));
  watcher.observe({ type: 'longtask' });
  const began = performance.now();
  let [most_cells, most_videos, still] = [0, 0, 0];
  while (still < 20) {
    const before = grid.scrollTop;
    grid.scrollTop += grid.clientHeight * 0.8;
    await new Promise((resolve) => setTimeout(resolve, 50));
    still = grid.scrollTop === before ? still + 1 : 0;
    most_cells = Math.max(most_cells, grid.querySelectorAll('[data-job]').length);
    most_videos = Math.max(most_videos, document.querySelectorAll('video').length);
  }
  watcher.disconnect();
  return {
    seconds: Math.round((performance.now() - began) / 100) / 10,
    rows: Number(grid.getAttribute('aria-rowcount')),
    long_tasks: tasks.length,
    longest_task_ms: Math.round(Math.max(0, ...tasks)),
    most_cells,
    most_videos,
  };
}
