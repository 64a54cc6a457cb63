import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { foreign, looks, settled, wear, wrongs } from './hands.ts';
import { type Place, place, python, root, why } from './place.ts';

const NAME = 'Wan2.2-TI2V-5B';
const VAE = 'Wan2.2_VAE.pth';

describe('Models', () => {
  const folder = mkdtempSync(join(tmpdir(), 'artifex-models-'));
  let hub: ChildProcessWithoutNullStreams;
  let address = '';
  let here: Place;
  let page: Page;

  /** What the hub does from now on. */
  const tell = (what: object) => hub.stdin.write(`${JSON.stringify(what)}\n`);

  beforeAll(async () => {
    if (why !== '') return;
    hub = spawn(python, ['-m', 'tests.hub', join(folder, 'repository')], { cwd: root });
    address = await new Promise((resolve) => createInterface({ input: hub.stdout }).once('line', resolve));
    here = await place();
  });
  beforeEach((context) => context.skip(why !== '', why));
  afterAll(async () => {
    hub?.stdin.end();
    hub?.kill();
    await here?.leave();
    rmSync(folder, { recursive: true, force: true });
  });

  const sheet = () => page.getByRole('dialog');
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
  const going = (...states: string[]) => sheet().locator(states.map((state) => `[data-download="${state}"]`).join());
  const shot = async (name: string) => {
    if (process.env.SHOT) await page.screenshot({ path: `${process.env.SHOT}-${name}.png` });
  };

  test('a model is downloaded through a cut, a pause and a reload, and can then be chosen', async () => {
    page = await here.visit({ reducedMotion: 'reduce' });
    await settled(page);
    await button('Models and downloads').click();
    await sheet().getByText('ships with the app').waitFor();
    await button(`Download…: ${NAME}`).click();
    await page.getByLabel('Folder on a local drive').fill('models');
    await button('Another address').click();
    await page.getByLabel('Address of a mirror').fill(address);
    await button('Download').click();
    await page.getByText('Give the full path').waitFor();
    await page.getByLabel('Folder on a local drive').fill(join(folder, 'mine'));
    tell({ pace: 0.05, plans: { [VAE]: { cut: 9000 } } });
    await page.getByLabel('Folder on a local drive').press('Enter');

    await going('waiting').waitFor();
    await going('fetching').waitFor();
    await sheet()
      .getByText(/\/s · about .* left/)
      .waitFor();
    const bar = sheet().getByRole('progressbar', { name: `Progress of ${NAME}` });
    expect(Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(0);
    await shot('fetching');
    await button('Pause').click();
    await going('paused').waitFor();
    const before = await bar.getAttribute('aria-valuenow');

    await page.keyboard.press('Escape');
    for (const [language, theme] of looks) {
      await wear(page, language, theme);
      await button(language === 'en' ? 'Models' : '모델').click();
      await going('paused').waitFor();
      await sheet()
        .getByText(/Fits this machine|이 컴퓨터에서 쓸 수/)
        .waitFor();
      expect(await wrongs(page), `${language}, ${theme}`).toEqual([]);
      if (language === 'ko')
        expect((await foreign(page)).filter((word) => !['MB', 'kB', 'TI'].includes(word))).toEqual([]);
      await shot(`paused-${language}-${theme}`);
      await page.keyboard.press('Escape');
    }
    await page.reload();
    await settled(page);
    await button('모델').click();
    expect(await bar.or(sheet().getByRole('progressbar')).first().getAttribute('aria-valuenow')).toBe(before);
    tell({ pace: 0 });
    await button('계속').click();
    await going('done').waitFor();
    await shot('done');
    await button(`쓰기: ${NAME}`).click();
    await button(`쓰는 중: ${NAME}`).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.locator('[data-field="model"]').innerText()).toContain(NAME);
  });

  test('it is verified, and goes with its files after a question', async () => {
    await wear(page, 'en', 'light');
    await button('Models').click();
    await button(`Verify: ${NAME}`).click();
    await sheet().getByText('Every byte is right').waitFor();
    await button(`Remove: ${NAME}`).click();
    await page.getByRole('alertdialog').waitFor();
    expect(await wrongs(page)).toEqual([]);
    await shot('remove');
    await button('Delete its files, too').click();
    await button(`Remove: ${NAME}`).waitFor({ state: 'detached' });
    expect(here.complaints).toEqual([]);
  });

  test('a download is cancelled after a question, and what came is deleted', async () => {
    tell({ pace: 0.05 });
    await button(`Download…: ${NAME}`).click();
    await page.getByLabel('Folder on a local drive').fill(join(folder, 'mine'));
    await button('Another address').click();
    await page.getByLabel('Address of a mirror').fill(address);
    await button('Download').click();
    await going('fetching').waitFor();
    await button('Cancel').click();
    await page.getByRole('alertdialog').waitFor();
    await button('Cancel and delete it').click();
    await going('fetching', 'cancelled').waitFor({ state: 'detached' });
    await button(`Download…: ${NAME}`).waitFor();
    expect(here.complaints).toEqual([]);
  });
});
