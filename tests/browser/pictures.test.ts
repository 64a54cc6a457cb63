import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, test } from 'vitest';
import { field, type Language, send, settled, stage, type Theme, wear } from './hands.ts';
import { type Place, place, root, why } from './place.ts';

const QUEUED = [
  'A red hot air balloon drifting over green hills on a sunny day',
  'A cinematic sunset over mountain lake',
  'Northern lights above a frozen snowfield at midnight',
];

let here: Place | null = null;
afterAll(() => here?.leave());

// ARTIFEX_PICTURES=docs node_modules/.bin/vitest run --project browser tests/browser/pictures.test.ts
test('the pictures of the README', async (context) => {
  const folder = process.env.ARTIFEX_PICTURES ?? '';
  context.skip(folder === '', 'ARTIFEX_PICTURES does not name a folder to put them in');
  context.skip(why !== '', why);
  here = await place();
  const page = await here.visit({ viewport: { width: 1280, height: 800 } });
  const take = (name: string) =>
    page.screenshot({ path: join(root, folder, name), type: 'jpeg', quality: 82, animations: 'disabled' });

  await settled(page);
  await made(page, 'en', 'light', 'A serene mountain landscape with flowing clouds');
  await take('window.jpg');
  await made(page, 'ko', 'dark', '새벽 안개가 자욱한 잔잔한 호수 위의 노란 돛단배');
  await take('window-dark.jpg');
  await wear(page, 'ko', 'light');
  await take('window-ko.jpg');
  await wear(page, 'en', 'light');
  for (const words of QUEUED) {
    await field(page, 'prompt').fill(words);
    await send(page).click();
    await stage(page, 'running').waitFor();
  }
  await page.getByRole('button', { name: /^Queue/ }).click();
  await page
    .getByText(/^(8|9|1\d) of/)
    .first()
    .waitFor();
  await take('making.jpg');
  await page.keyboard.press('Escape');
  await wear(page, 'en', 'dark');
  await page.getByRole('button', { name: /^Doctor/ }).click();
  await page.getByRole('heading', { name: 'PyTorch' }).waitFor();
  await page.getByText('Looking…').waitFor({ state: 'detached' });
  await take('doctor.jpg');
});

// Of every screen, for docs/screens.md.
test.for([
  ['en', 'light'],
  ['ko', 'dark'],
] as const)('the pictures of every screen: %s, %s', async ([language, theme], context) => {
  const folder = process.env.ARTIFEX_PICTURES ?? '';
  context.skip(folder === '', 'ARTIFEX_PICTURES does not name a folder to put them in');
  context.skip(why !== '', why);
  const there = await place();
  try {
    const page = await there.visit({ viewport: { width: 1280, height: 800 } });
    const take = async (name: string) => {
      await page.waitForTimeout(600);
      const path = join(root, folder, `screen-${name}-${language}.jpg`);
      await page.screenshot({ path, type: 'jpeg', quality: 74, animations: 'disabled' });
    };
    const command = async (words: string) => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type(words);
      await page.keyboard.press('Enter');
    };

    await settled(page);
    await wear(page, language, theme);
    await take('welcome');
    await made(page, language, theme, QUEUED[0] ?? '');
    await made(page, language, theme, '새벽 안개가 자욱한 잔잔한 호수 위의 노란 돛단배');
    await page.locator('body').click({ position: { x: 5, y: 400 } });
    await page.keyboard.press('Control+g');
    await page.locator('[role="row"]').nth(1).waitFor();
    await take('gallery');
    await page.locator('[role="row"]').first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await take('video');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+g');
    for (const [name, words] of Object.entries({ models: 'models', doctor: 'doctor', settings: 'settings' })) {
      await command(words);
      await page.getByRole('dialog').waitFor();
      await page.waitForTimeout(6000);
      await take(name);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    await take('commands');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await command('shortcuts');
    await page.getByRole('dialog').waitFor();
    await take('keys');
    await page.keyboard.press('Escape');
    await command('log:');
    await take('log');
  } finally {
    await there.leave();
  }
});

/** A finished video on the stage, stopped in its middle. */
async function made(page: Page, language: Language, theme: Theme, words: string): Promise<void> {
  await wear(page, language, theme);
  await field(page, 'prompt').fill(words);
  await field(page, 'seed').fill('42');
  await page
    .locator('form label')
    .first()
    .evaluate((label) => label.scrollIntoView({ block: 'center' }));
  await send(page).click();
  await stage(page, 'done').getByText(words).waitFor({ timeout: 120_000 });
  await page.locator('video[controls]').evaluate(async (video: HTMLVideoElement) => {
    if (video.readyState < 1) await new Promise((done) => video.addEventListener('loadedmetadata', done));
    video.pause();
    video.currentTime = video.duration / 2;
    await new Promise((done) => video.addEventListener('seeked', done));
  });
  await page.waitForTimeout(1000);
}
