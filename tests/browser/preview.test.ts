import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isOver } from '../../app/contract/phase.ts';
import { field, foreign, looks, quick, send, settled, stage, wear, wrongs } from './hands.ts';
import { type Place, place, why } from './place.ts';

const LONG = 170_000;
const PATIENCE = 80_000;

describe('While noise is taken away', () => {
  let here: Place;
  let page: Page;

  beforeAll(async () => {
    if (why === '') here = await place();
  });
  beforeEach((context) => context.skip(why !== '', why));
  afterEach(async () => {
    await page?.context().close();
    const jobs = async () => (await here.host.core.call('snapshot', {})).jobs;
    for (const { job, state } of here ? await jobs() : [])
      if (!isOver(state)) await here.host.core.call('cancel', { job });
  });
  afterAll(() => here?.leave());

  const preview = (words: string): Locator =>
    page.locator('[data-stage]').getByRole('img', { name: new RegExp(`(preview|미리보기).*${words}`) });

  /** One that is still being made when the test is done with it. */
  async function slow(words: string): Promise<void> {
    await quick(page, words);
    for (const [name, value] of Object.entries({ width: '320', height: '192', frames: '25', steps: '200' }))
      await field(page, name).fill(value);
    await send(page).click();
  }

  test('the video is seen roughly, and then as it is', { timeout: LONG }, async () => {
    page = await here.visit();
    await settled(page);
    await field(page, 'prompt').fill('초록 언덕 위의 빨간 열기구');
    await send(page).click();
    const picture = preview('초록 언덕 위의 빨간 열기구');
    await picture.waitFor({ timeout: PATIENCE });
    const size = (image: HTMLElement): unknown => [
      (image as HTMLImageElement).naturalWidth,
      (image as HTMLImageElement).naturalHeight,
    ];
    await expect.poll(() => picture.evaluate(size)).toEqual([20, 12]);
    const { width = 0, height = 1 } = (await picture.boundingBox()) ?? {};
    expect(width).toBeGreaterThan(300);
    expect(width / height).toBeCloseTo(320 / 192, 1);
    expect(await wrongs(page)).toEqual([]);
    const before = await picture.getAttribute('src');
    await expect.poll(() => picture.getAttribute('src')).not.toBe(before);
    await stage(page, 'done').getByText('초록 언덕 위의 빨간 열기구').waitFor({ timeout: PATIENCE });
    await page.locator('video[controls]').waitFor();
    expect(await picture.count()).toBe(0);
    expect(here.complaints).toEqual([]);
  });

  test('in every look it says what it is, and Cancel ends it', { timeout: LONG }, async () => {
    page = await here.visit({ reducedMotion: 'reduce' });
    await settled(page);
    await slow('느린 구름');
    await preview('느린 구름').waitFor({ timeout: PATIENCE });
    for (const [language, theme] of looks) {
      await wear(page, language, theme);
      await page.getByText(language === 'en' ? 'Rough preview' : '대략적인 미리보기', { exact: true }).waitFor();
      expect(await wrongs(page), `${language}, ${theme}`).toEqual([]);
      if (language === 'ko') expect(await foreign(page)).toEqual([]);
    }
    await page.locator('[data-stage]').getByRole('button', { name: '취소' }).click();
    await stage(page, 'cancelled').waitFor({ timeout: PATIENCE });
    expect(await preview('느린 구름').count()).toBe(0);
  });

  test('it stands still where a person wants nothing to move', { timeout: LONG }, async () => {
    page = await here.visit({ reducedMotion: 'reduce' });
    await settled(page);
    await slow('잔잔한 호수');
    const picture = preview('잔잔한 호수');
    await picture.waitFor({ timeout: PATIENCE });
    expect(await picture.evaluate((canvas) => canvas.tagName)).toBe('CANVAS');
    const colours = (): Promise<number> =>
      picture.evaluate((canvas) => {
        const { data = [] } = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, 20, 12) ?? {};
        return new Set(data).size;
      });
    await expect.poll(colours).toBeGreaterThan(20);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await expect.poll(() => picture.evaluate((image) => image.tagName)).toBe('IMG');
  });
});
