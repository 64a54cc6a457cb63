import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { foreign, looks, settled, wear, wrongs } from './hands.ts';
import { type Place, place, why } from './place.ts';

describe('What is the same for every video', () => {
  let here: Place;
  let page: Page;

  beforeAll(async () => {
    if (why === '') here = await place({ FAKE_STEP_MS: '1' });
  });
  beforeEach((context) => context.skip(why !== '', why));
  afterAll(() => here?.leave());

  const words = { en: { label: 'Settings', most: '6 GiB at most' }, ko: { label: '설정', most: '최대 6 GiB' } };
  const kept = async () => (await here.host.core.call('snapshot', {})).preferences.vram_gib;
  const sheet = () => page.getByRole('dialog');
  const choice = () => sheet().locator('button[aria-haspopup="listbox"]');

  test('a limit of graphics memory is chosen by keyboard, in every look, and remembered', async () => {
    page = await here.visit({ reducedMotion: 'reduce' });
    await settled(page);
    expect(await kept()).toBeNull();
    await page.getByRole('button', { name: words.en.label, exact: true }).focus();
    await page.keyboard.press('Enter');
    await choice().focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type(words.en.most.slice(0, 2));
    await page.keyboard.press('Enter');
    await expect.poll(kept).toBe(6);
    await page.keyboard.press('Escape');
    await sheet().waitFor({ state: 'detached' });
    for (const [language, theme] of looks) {
      await wear(page, language, theme);
      await page.getByRole('button', { name: words[language].label, exact: true }).click();
      await expect.poll(() => choice().innerText()).toBe(words[language].most);
      expect(await wrongs(page), `${language}, ${theme}`).toEqual([]);
      if (language === 'ko') expect((await foreign(page)).filter((word) => word !== 'RAM')).toEqual([]);
      if (process.env.SHOT) await page.screenshot({ path: `${process.env.SHOT}-${language}-${theme}.png` });
      await page.keyboard.press('Escape');
    }
    await page.reload();
    await page.getByRole('button', { name: words.ko.label, exact: true }).click();
    await expect.poll(() => choice().innerText()).toBe(words.ko.most);
    expect(here.complaints).toEqual([]);
  });
});
