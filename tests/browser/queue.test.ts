import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitingOf } from '../../app/renderer/state/next.ts';
import { field, foreign, looks, quick, send, settled, stage, wear, wrongs } from './hands.ts';
import { type Place, place, why } from './place.ts';

const LONG = 170_000;
const PATIENCE = 80_000;

describe('The queue', () => {
  let here: Place;
  let page: Page;

  beforeAll(async () => {
    if (why !== '') return;
    here = await place();
    page = await here.visit({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    await settled(page);
  });
  beforeEach((context) => context.skip(why !== '', why));
  afterAll(() => here?.leave());

  const button = () => page.getByRole('button', { name: /^(Queue|대기열)( \d|$)/ });
  const drawer = () => page.locator('[data-queue]');
  const press = (name: string) => drawer().getByRole('button', { name, exact: true }).click();
  const focused = (what: Locator) => what.evaluate((one) => one === document.activeElement);
  const jobs = async () => (await here.host.core.call('snapshot', {})).jobs;

  /** What waits is this, in this order: for the sidecar, and on the page. */
  async function waits(...prompts: string[]): Promise<void> {
    await expect.poll(async () => waitingOf(await jobs()).map((job) => job.request.prompt)).toEqual(prompts);
    await expect
      .poll(() => drawer().locator('li').allInnerTexts())
      .toEqual(prompts.map((words) => expect.stringContaining(words)));
  }

  async function add(words: string): Promise<void> {
    await quick(page, words);
    const before = (await jobs()).length;
    await send(page).click();
    await expect.poll(async () => (await jobs()).length).toBe(before + 1);
  }

  test('nothing waits at first, and Esc gives the focus back', async () => {
    await button().click();
    await drawer().getByText('Nothing waits').waitFor();
    expect(await wrongs(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
    expect(await focused(button())).toBe(true);
  });

  test('what waits behind the running one is moved by keyboard and by mouse', { timeout: LONG }, async () => {
    await quick(page, 'a long night');
    for (const [name, value] of Object.entries({ width: '512', height: '512', frames: '49', steps: '200' }))
      await field(page, name).fill(value);
    await send(page).click();
    await stage(page, 'running').waitFor({ timeout: PATIENCE });
    for (const words of ['one', 'two', 'three']) await add(words);
    await page.getByRole('button', { name: 'Queue 3 waiting' }).waitFor();
    await button().focus();
    await page.keyboard.press('Enter');
    await waits('one', 'two', 'three');
    await drawer().getByRole('progressbar').waitFor();

    const up = drawer().getByRole('button', { name: 'Move up: three' });
    await up.focus();
    await page.keyboard.press('Enter');
    await waits('one', 'three', 'two');
    await page.keyboard.press('Alt+ArrowUp');
    await waits('three', 'one', 'two');
    await page.keyboard.press('Alt+ArrowUp');
    expect(await focused(up)).toBe(true);
    await drawer().getByRole('status').filter({ hasText: 'Now 1 of 3' }).waitFor({ state: 'attached' });
    await drawer()
      .getByText('two', { exact: true })
      .dragTo(drawer().getByText('three', { exact: true }));
    await waits('two', 'three', 'one');
    await press('Move down: two');
    await waits('three', 'two', 'one');
  });

  test('one that waits is changed in the form, and the draft comes back', { timeout: LONG }, async () => {
    await field(page, 'prompt').fill('a draft');
    await press('Change: two');
    expect(await focused(field(page, 'prompt'))).toBe(true);
    expect(await field(page, 'prompt').inputValue()).toBe('two');
    expect(await send(page).innerText()).toContain('Save changes');
    await field(page, 'frames').fill('6');
    await field(page, 'prompt').press('Control+Enter');
    await page.locator('[data-field="frames"]').getByText('4n+1').waitFor();
    await field(page, 'frames').fill('9');
    await field(page, 'prompt').fill('two changed');
    await field(page, 'prompt').press('Control+Enter');
    await waits('three', 'two changed', 'one');
    expect(await field(page, 'prompt').inputValue()).toBe('a draft');

    await press('Change: one');
    await field(page, 'prompt').fill('never');
    await page.getByRole('button', { name: 'Leave as it was' }).click();
    expect(await field(page, 'prompt').inputValue()).toBe('a draft');
    expect(await send(page).innerText()).toContain('Add to queue');
    await waits('three', 'two changed', 'one');
  });

  test('what is taken out or cleared comes back to where it was', { timeout: LONG }, async () => {
    await press('Take out: two changed');
    await waits('three', 'one');
    await press('Undo');
    await waits('three', 'two changed', 'one');
    await press('Take out: one');
    await waits('three', 'two changed');
    await press('Clear');
    await waits();
    await drawer().getByText('2 videos taken out.').waitFor();
    expect(await focused(drawer().getByRole('button', { name: 'Undo' }))).toBe(true);
    await page.keyboard.press('Enter');
    await waits('three', 'two changed');
    expect(await drawer().getByRole('button', { name: 'Undo' }).count()).toBe(0);
    await press('Duplicate with a new seed: three');
    await waits('three', 'two changed', 'three');
    const seeds = (await jobs()).filter((job) => job.request.prompt === 'three').map((job) => job.request.seed);
    expect(new Set(seeds).size).toBe(2);
    await press('Clear');
    await press('Undo');
    await waits('three', 'two changed', 'three');
  });

  test('in every look axe finds nothing wrong, and Korean is all Korean', { timeout: LONG }, async () => {
    for (const words of ['three', 'two changed', 'three']) {
      const job = waitingOf(await jobs()).find((one) => one.request.prompt === words);
      if (!job) throw new Error(words);
      const { seed: _seed, image: _image, ...request } = job.request;
      const prompt = { three: '호수', 'two changed': '산' }[words] ?? '';
      await here.host.core.call('edit', { job: job.job, request: { ...request, prompt } });
    }
    await waits('호수', '산', '호수');
    for (const [language, theme] of looks) {
      await wear(page, language, theme);
      expect(await wrongs(page), `${language}, ${theme}`).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('ko');
    expect((await foreign(page)).filter((word) => !['long', 'night', 'draft', 'one'].includes(word))).toEqual([]);
    await press('위로: 산');
    await waits('산', '호수', '호수');
    await press('비우기');
    await drawer().getByText('3개를 뺐습니다.').waitFor();
    await press('되돌리기');
    await waits('산', '호수', '호수');
    await wear(page, 'en', 'light');
  });

  test('a page that was closed in mid-job finds all as it was, and sees a pause', { timeout: LONG }, async () => {
    const other = await here.visit();
    await page.close();
    page = other;
    await settled(page);
    await stage(page, 'running').getByText('a long night').waitFor();
    await button().click();
    await waits('산', '호수', '호수');
    await here.host.core.call('pause', {});
    await drawer().getByText('Paused: nothing new begins').waitFor();
    await page.getByRole('button', { name: 'Queue 3 waiting. The queue is paused' }).waitFor();
    await drawer().getByRole('button', { name: 'Go on' }).click();
    await press('Pause after this one');
    await page.getByRole('button', { name: 'Cancel' }).first().click();
    await expect.poll(async () => (await jobs()).every((job) => job.state !== 'running')).toBe(true);
    await stage(page, 'queued').or(stage(page, 'cancelled')).waitFor();
    await waits('산', '호수', '호수');
  });

  test('on a page as narrow as a telephone it has room, and makes room for the form', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const over = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await over()).toBe(0);
    const box = await drawer().boundingBox();
    expect([box?.x, box && box.x + box.width]).toEqual([expect.any(Number), 390]);
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect(await drawer().getByRole('button', { name: 'Go on' }).isVisible()).toBe(true);
    await press('Change: 산');
    await drawer().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Leave as it was' }).click();
    await page.setViewportSize({ width: 1280, height: 800 });
    await button().click();
  });

  test('one that has begun cannot be changed any more, and what was typed stays', { timeout: LONG }, async () => {
    await press('Change: 산');
    await field(page, 'prompt').fill('산 너머');
    await press('Go on');
    await expect.poll(async () => waitingOf(await jobs()).length, { timeout: PATIENCE }).toBeLessThan(3);
    await send(page).click();
    await page.locator('form').getByText('This job does not wait any more').waitFor();
    expect(await field(page, 'prompt').inputValue()).toBe('산 너머');
    await expect.poll(() => send(page).innerText()).not.toContain('Save changes');
    await expect
      .poll(async () => (await jobs()).filter((job) => job.state === 'done').length, { timeout: PATIENCE })
      .toBe(3);
  });

  test('through all of this the console said nothing, and no policy was broken', () => {
    expect(here.complaints).toEqual([]);
  });
});
