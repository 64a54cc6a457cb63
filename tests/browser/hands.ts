import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';

/** What a person does on the page, whatever its language. */
export type Language = 'en' | 'ko';
export type Theme = 'light' | 'dark';

export const looks: readonly (readonly [Language, Theme])[] = [
  ['en', 'light'],
  ['en', 'dark'],
  ['ko', 'dark'],
  ['ko', 'light'],
];

export const field = (page: Page, name: string): Locator =>
  page.locator(`[data-field="${name}"] :is(input, textarea)`).first();
export const send = (page: Page): Locator => page.locator('form button[type="submit"]');
export const stage = (page: Page, state: string): Locator => page.locator(`[data-stage][data-state="${state}"]`);

/** The form has its model's settings: the page is there. */
export const settled = (page: Page): Promise<void> =>
  page.locator('[data-field="steps"] input:not([value=""])').waitFor();

/** The shortest video there is, so that a test of the page is not a test of patience. */
export async function quick(page: Page, words: string): Promise<void> {
  await field(page, 'prompt').fill(words);
  await page.locator('label:has(input[type="radio"][value="custom"])').click();
  for (const [name, value] of Object.entries({ width: '128', height: '128', frames: '5', steps: '2' }))
    await field(page, name).fill(value);
}

/** Changes language and colours as a person does, on the page as it stands. */
export async function wear(page: Page, language: Language, theme: Theme): Promise<void> {
  await page.getByRole('radio', { name: language === 'en' ? 'English' : '한국어' }).click();
  await page
    .locator('header [role="radiogroup"]')
    .nth(1)
    .getByRole('radio')
    .nth(theme === 'light' ? 1 : 2)
    .click();
}

/** What axe has against the page as it stands, in short. */
export async function wrongs(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const results = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<unknown> } }).axe.run());
  const { violations } = results as axe.AxeResults;
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' | ')}`);
}

/** What has no Korean: names, units, keys. */
const NAMES = new Set(
  (
    'Artifex EN English FPS Ctrl Alt Enter Space Del UniPC DPM Euler wan mini Wan Python Node PyTorch ffmpeg NVIDIA GPU CPU GiB MiB GB ' +
    'Linux SDPA PNG JPEG WebP JSON npm run setup repair Windows'
  ).split(' '),
);

/** Latin words on the page, seen or only heard, that are no names. Of files, addresses and settings nothing is asked. */
export async function foreign(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const found = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement, textContent } = walker.currentNode;
      if (!parentElement?.closest('[lang="en"], script, style')) found.push(textContent ?? '');
    }
    for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext', 'aria-description'])
      for (const element of document.querySelectorAll(`[${name}]`)) found.push(element.getAttribute(name) ?? '');
    return found;
  });
  const words = texts.flatMap((text) => text.replace(/\S*[/\\._=\d]\S*/g, ' ').match(/[A-Za-z]{2,}/g) ?? []);
  return [...new Set(words)].filter((word) => !NAMES.has(word));
}
