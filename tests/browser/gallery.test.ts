import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Entry } from '../../app/contract/gallery.ts';
import { field, foreign, looks, quick, send, settled, stage, wear, wrongs } from './hands.ts';
import { type Place, place, why } from './place.ts';

const LONG = 170_000;
const PATIENCE = 80_000;

describe('The gallery', () => {
  let here: Place;
  let page: Page;

  beforeAll(async () => {
    if (why !== '') return;
    here = await place();
    page = await here.visit({
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await settled(page);
  });
  beforeEach((context) => context.skip(why !== '', why));
  afterAll(() => here?.leave());

  const gallery = () => page.locator('[data-gallery]');
  const sheet = () => page.getByRole('dialog');
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const cell = (words: string) => gallery().getByRole('row', { name: words, exact: true });
  const press = (name: string) => sheet().getByRole('button', { name, exact: true }).click();
  const open = () => page.locator('[data-gallery-button]').click();
  const entries = async (): Promise<Entry[]> => (await here.host.core.call('gallery', { limit: 50 })).entries;
  const frame = () => sheet().getByRole('slider').getAttribute('aria-valuetext');

  /** These videos are there, in this order: for the sidecar, and on the page. */
  async function shows(...prompts: string[]): Promise<void> {
    await expect
      .poll(() => gallery().getByRole('row').filter({ hasText: /\S/ }).allInnerTexts())
      .toHaveLength(prompts.length);
    for (const words of prompts) await cell(words).waitFor();
  }

  async function make(words: string, more: Record<string, string> = {}): Promise<void> {
    await quick(page, words);
    for (const [name, value] of Object.entries(more)) await field(page, name).fill(value);
    await send(page).click();
    await stage(page, 'done').getByText(words).waitFor({ timeout: PATIENCE });
  }

  test('an empty one says so, in every look; Esc leaves it and gives the focus back', { timeout: LONG }, async () => {
    for (const [language, theme] of looks) {
      await wear(page, language, theme);
      await open();
      await gallery()
        .getByText(language === 'en' ? 'lands here' : '모두 여기에 모입니다')
        .waitFor();
      expect(await wrongs(page), `${language}, ${theme}`).toEqual([]);
      if (language === 'ko') expect(await foreign(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await gallery().waitFor({ state: 'detached' });
      expect(await page.evaluate(() => document.activeElement?.hasAttribute('data-gallery-button'))).toBe(true);
    }
    await wear(page, 'en', 'light');
  });

  test('what was made is there, newest first, found by words and by mark', { timeout: LONG }, async () => {
    await make('a red boat', { seed: '7' });
    await make('노을 진 호수', { seed: '8' });
    await make('a green train', { seed: '9', frames: '9' });
    await button('All videos').click();
    await shows('a green train', '노을 진 호수', 'a red boat');
    await gallery().getByText('3 videos').waitFor();
    expect(await gallery().getByRole('row').first().getAttribute('aria-label')).toBe('a green train');
    await expect.poll(() => gallery().locator('img').count()).toBe(3);
    expect(await gallery().locator('video').count()).toBe(0);

    const search = page.getByRole('searchbox', { name: 'Words in the prompt' });
    await search.fill('호수');
    await shows('노을 진 호수');
    await search.fill('RED');
    await shows('a red boat');
    await search.fill('zeppelin');
    await gallery().getByText('No video is like that').waitFor();
    await button('Show all').click();
    await shows('a green train', '노을 진 호수', 'a red boat');

    await cell('a red boat').focus();
    await page.keyboard.press('f');
    await expect.poll(async () => (await entries()).map((one) => one.favourite)).toEqual([false, false, true]);
    await cell('노을 진 호수').hover();
    await gallery().getByRole('button', { name: 'Favourite: 노을 진 호수' }).click();
    await button('Favourites only').click();
    await shows('노을 진 호수', 'a red boat');
    await button('Favourites only').click();
    await shows('a green train', '노을 진 호수', 'a red boat');
  });

  test('a video plays while the mouse or the focus is on it, and never against the wish', {
    timeout: LONG,
  }, async () => {
    const video = gallery().locator('video');
    await cell('a green train').hover();
    await expect.poll(() => video.evaluate((one: HTMLVideoElement) => one.muted && one.currentTime > 0)).toBe(true);
    await gallery().getByRole('heading').hover();
    await expect.poll(() => video.count()).toBe(0);
    await cell('a green train').focus();
    await page.keyboard.press('ArrowRight');
    await video.waitFor();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await expect.poll(() => video.count()).toBe(0);
    await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(400);
    expect(await video.count()).toBe(0);
  });

  test('one is looked at frame by frame, and its neighbours', { timeout: LONG }, async () => {
    await cell('a green train').focus();
    await page.keyboard.press('Enter');
    const shown = sheet().locator('video');
    await expect.poll(() => shown.evaluate((one: HTMLVideoElement) => one.readyState)).toBe(4);
    expect(await frame()).toBe('1 of 9');
    await page.keyboard.press('.');
    await page.keyboard.press('.');
    await page.keyboard.press('.');
    await page.keyboard.press(',');
    await expect.poll(frame).toBe('3 of 9');
    const fps = (await entries())[0]?.request.fps ?? 0;
    await expect
      .poll(() => shown.evaluate((one: HTMLVideoElement, rate) => Math.floor(one.currentTime * rate), fps))
      .toBe(2);
    await press('One frame on');
    await expect.poll(frame).toBe('4 of 9');
    await sheet().getByRole('slider').focus();
    await page.keyboard.press('End');
    await expect.poll(frame).toBe('9 of 9');
    await press('Play');
    await expect.poll(() => shown.evaluate((one: HTMLVideoElement) => one.paused)).toBe(false);
    await shown.click();
    await expect.poll(() => shown.evaluate((one: HTMLVideoElement) => one.paused)).toBe(true);
    await shown.press(' ');
    await expect.poll(() => shown.evaluate((one: HTMLVideoElement) => one.paused)).toBe(false);
    await sheet()
      .getByText(/^Denoise \d/)
      .waitFor();

    await sheet().getByRole('heading', { name: 'Gallery' }).click();
    await page.keyboard.press('ArrowRight');
    await sheet().getByText('노을 진 호수').waitFor();
    await page.keyboard.press('ArrowRight');
    await sheet().getByText('a red boat').waitFor();
    expect(await sheet().getByRole('button', { name: 'The older video' }).isDisabled()).toBe(true);
    await press('Copy as JSON');
    await sheet().getByText('Copied').waitFor();
    const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
    expect(copied).toMatchObject({ prompt: 'a red boat', seed: '7', frames: 5 });
  });

  test('its settings are used again: all, the words alone, the seed alone, a frame', { timeout: LONG }, async () => {
    await press('Use all settings');
    await gallery().waitFor({ state: 'detached' });
    expect(await field(page, 'prompt').inputValue()).toBe('a red boat');
    expect(await field(page, 'seed').inputValue()).toBe('7');
    expect(await field(page, 'prompt').evaluate((one) => one === document.activeElement)).toBe(true);
    expect(await field(page, 'frames').inputValue()).toBe('5');
    const use = async (words: string, name: string): Promise<void> => {
      await open();
      await cell(words).click();
      await press(name);
      await gallery().waitFor({ state: 'detached' });
    };
    await use('a green train', 'Prompt only');
    expect(await field(page, 'prompt').inputValue()).toBe('a green train');
    expect(await field(page, 'seed').inputValue()).toBe('7');
    await use('노을 진 호수', 'Same seed');
    expect(await field(page, 'prompt').inputValue()).toBe('a green train');
    expect(await field(page, 'seed').inputValue()).toBe('8');
    await use('a red boat', 'Last frame as picture');
    await page.getByAltText('The picture the video starts from').waitFor();
    await button('Remove the picture').click();
  });

  test('two are compared on one clock, with what differs', { timeout: LONG }, async () => {
    await open();
    await cell('a green train').focus();
    await page.keyboard.press('Space');
    await gallery().getByText('1 chosen').waitFor();
    expect(await button('Compare').isDisabled()).toBe(true);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await button('Compare').click();
    const times = () =>
      sheet()
        .locator('video')
        .evaluateAll((videos) => videos.map((one) => (one as HTMLVideoElement).currentTime));
    await expect.poll(async () => (await times()).length).toBe(2);
    const rows = await sheet().getByRole('row').allInnerTexts();
    expect(rows.map((row) => row.split('\t')[0])).toEqual(['Setting', 'Prompt', 'Length', 'Seed']);
    expect(rows[1]).toContain('a red boat');
    for (let step = 0; step < 3; step++) await page.keyboard.press('.');
    await expect.poll(frame).toBe('4 of 9');
    await expect.poll(async () => new Set(await times()).size).toBe(1);
    await page.keyboard.press(' ');
    await expect.poll(async () => (await times()).every((time) => time > 0)).toBe(true);
    expect(await wrongs(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await sheet().waitFor({ state: 'detached' });
    await button('Choose none').click();
  });

  test('what is thrown away comes back, from the grid and from the sheet', { timeout: LONG }, async () => {
    const files = () => readdirSync(here.videos).filter((name) => name.endsWith('.mp4')).length;
    expect(files()).toBe(3);
    await cell('노을 진 호수').focus();
    await page.keyboard.press('Delete');
    await shows('a green train', 'a red boat');
    expect(files()).toBe(2);
    await gallery().getByText('Deleted.').waitFor();
    await button('Undo').click();
    await shows('a green train', '노을 진 호수', 'a red boat');
    expect(await button('Undo').count()).toBe(0);
    expect(files()).toBe(3);

    await cell('a green train').click();
    await sheet().getByText('a green train').waitFor();
    await page.keyboard.press('Delete');
    await sheet().getByText('노을 진 호수').waitFor();
    await press('Undo');
    await sheet().getByText('a green train').waitFor();
    await page.keyboard.press('Escape');
    await shows('a green train', '노을 진 호수', 'a red boat');
  });

  test('a file that is gone is grey, and is taken out of the list', { timeout: LONG }, async () => {
    const file = readdirSync(here.videos).find((name) => name.includes('red-boat')) ?? '';
    rmSync(join(here.videos, file));
    await page.keyboard.press('Escape');
    await open();
    await cell('a red boat').getByText('The file is gone').waitFor();
    await button('Take out of the list: a red boat').click();
    await shows('a green train', '노을 진 호수');
    await gallery().getByText('Taken out of the list.').waitFor();
    await page.keyboard.press('Escape');
  });

  test('what is made meanwhile, or marked in another window, is seen at once', { timeout: LONG }, async () => {
    await open();
    const { seed: _seed, image: _image, ...request } = (await entries())[0]?.request ?? ({} as Entry['request']);
    await here.host.core.call('generate', { request: { ...request, prompt: '눈 내리는 숲' } });
    await cell('눈 내리는 숲').waitFor({ timeout: PATIENCE });
    const [newest] = await entries();
    await here.host.core.call('favourite', { job: newest?.job ?? '', on: true });
    await expect
      .poll(() => gallery().getByRole('button', { name: 'Favourite: 눈 내리는 숲' }).getAttribute('aria-pressed'))
      .toBe('true');
    await here.host.core.call('trash', { job: newest?.job ?? '' });
    await shows('a green train', '노을 진 호수');
    await here.host.core.call('restore', { job: newest?.job ?? '' });
    await shows('눈 내리는 숲', 'a green train', '노을 진 호수');
  });

  test('in every look axe finds nothing wrong, and Korean is all Korean', { timeout: LONG }, async () => {
    const train = (await entries()).find((one) => one.request.prompt === 'a green train');
    await here.host.core.call('trash', { job: train?.job ?? '' });
    for (const [language, theme] of looks) {
      await wear(page, language, theme);
      const korean = async (): Promise<void> => {
        // What was said aloud in English stays for some seconds.
        if (language === 'ko') await expect.poll(() => foreign(page), { timeout: 10_000 }).toEqual([]);
      };
      expect(await wrongs(page), `the grid, ${language}, ${theme}`).toEqual([]);
      await korean();
      await cell('노을 진 호수').click();
      await sheet().getByRole('slider').waitFor();
      expect(await wrongs(page), `a video, ${language}, ${theme}`).toEqual([]);
      await korean();
      await page.keyboard.press('Delete');
      await sheet()
        .getByText(language === 'en' ? 'Deleted.' : '삭제했습니다.')
        .waitFor();
      await press(language === 'en' ? 'Undo' : '되돌리기');
      await sheet().getByText('노을 진 호수').waitFor();
      await page.keyboard.press('Escape');
      await sheet().waitFor({ state: 'detached' });
      for (const words of ['눈 내리는 숲', '노을 진 호수']) {
        await cell(words).focus();
        await page.keyboard.press('Space');
      }
      await gallery()
        .getByRole('button', { name: language === 'en' ? 'Compare' : '비교', exact: true })
        .click();
      await sheet().getByRole('table').waitFor();
      expect(await wrongs(page), `two videos, ${language}, ${theme}`).toEqual([]);
      await korean();
      await page.keyboard.press('Escape');
      await sheet().waitFor({ state: 'detached' });
      await gallery()
        .getByRole('button', { name: language === 'en' ? 'Choose none' : '고르지 않기' })
        .click();
    }
    await wear(page, 'en', 'light');
  });

  test('through all of this the console said nothing', () => {
    expect(here.complaints).toEqual([]);
  });
});
