import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { field, foreign, looks, send, settled, wear, wrongs } from './hands.ts';
import { type Place, place, why } from './place.ts';

describe('Before Generate is pressed', () => {
  let here: Place;
  let page: Page;

  beforeAll(async () => {
    if (why === '') here = await place({ FAKE_STEP_MS: '1' });
  });
  beforeEach((context) => context.skip(why !== '', why));
  afterEach(() => page?.context().close());
  afterAll(() => here?.leave());

  const line = () => page.locator('[data-verdict]');
  const button = async () => (await send(page).boundingBox())?.y;

  test('a quiet line says what the video takes, or that it does not fit, in every look', async () => {
    page = await here.visit({ reducedMotion: 'reduce' });
    await settled(page);
    await wear(page, 'en', 'light');
    expect(await line().textContent()).toBe('');
    const before = await button();
    await field(page, 'prompt').fill('a calm lake at dawn');
    await expect.poll(() => line().textContent()).toBe('About 5 s · 0.9 GB of memory');
    expect(await button()).toBe(before);

    await field(page, 'frames').fill('24'); // what is refused is not judged
    await expect.poll(() => line().textContent()).toBe('');
    await field(page, 'frames').fill('25');
    await field(page, 'steps').fill('99');
    await line()
      .getByText(/needs about 19.4 GiB/)
      .waitFor();
    expect(await button()).toBe(before);
    for (const [language, theme] of looks) {
      await wear(page, language, theme);
      await line()
        .getByText(language === 'en' ? /Choose a smaller size/ : /19.4GiB 필요한데 11.6GiB만/)
        .waitFor();
      expect(await wrongs(page), `${language}, ${theme}`).toEqual([]);
      if (process.env.SHOT) await page.screenshot({ path: `${process.env.SHOT}-${language}-${theme}.png` });
    }
    await wear(page, 'ko', 'light');
    await field(page, 'prompt').fill('잔잔한 호수');
    expect(await foreign(page)).toEqual([]);
    expect(await send(page).isEnabled()).toBe(true);

    await field(page, 'steps').fill('20');
    await expect.poll(() => line().textContent()).toBe('약 5초 · 메모리 0.9GB');
    expect(await button()).toBe(before);
    if (process.env.SHOT) await page.screenshot({ path: `${process.env.SHOT}-fits.png` });
    expect(here.complaints).toEqual([]);
  });
});
