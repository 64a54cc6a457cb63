// The real thing, wherever it is: Electron's own program, a real sidecar, the shipped model.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { expect, test } from 'vitest';
// @ts-expect-error plain JavaScript, because it runs before there is anything that could read TypeScript
import { electronProgram, noDisplay } from '../../app/setup/electron.mjs';
// @ts-expect-error likewise
import { setup } from '../../app/setup.mjs';
import { root } from '../browser/place.ts';

/** Why it cannot be run here, or nothing. */
function why(): string {
  if (electronProgram(root) === null) return 'Electron’s program is not here (npm start fetches it where it can)';
  const noScreen = noDisplay(process.env, process.platform);
  if (noScreen) return noScreen;
  return process.getuid?.() === 0 ? 'Electron does not start as root with its sandbox on' : '';
}

test('the real Electron opens the window, makes a video, plays it and leaves nothing behind', async (context) => {
  context.skip(why() !== '', why());
  const { python } = await setup();
  const home = mkdtempSync(join(tmpdir(), '아티 팩스-'));
  const { ELECTRON_RUN_AS_NODE: _node, ...usual } = process.env as Record<string, string>;
  const env = { ...usual, ARTIFEX_PYTHON: python, ARTIFEX_HOME: home, ARTIFEX_VIDEOS: join(home, 'videos') };
  const app = await _electron.launch({ executablePath: electronProgram(root), args: [root], env });
  try {
    const page = await app.firstWindow();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    await page.locator('form').waitFor();
    expect(page.url()).toBe('app://ui/');
    expect(await page.evaluate(() => [typeof require, typeof process, Object.keys(window.api ?? {})])).toEqual([
      'undefined',
      'undefined',
      ['ask', 'listen'],
    ]);

    await page
      .getByRole('textbox', { name: /prompt|프롬프트/i })
      .first()
      .fill('a sailboat on the sea at sunset');
    await page.keyboard.press('Control+Enter');
    const video = page.locator('video');
    await video.waitFor({ timeout: 120_000 });
    await expect.poll(() => video.evaluate((player: HTMLVideoElement) => player.readyState)).toBeGreaterThan(1);
    const seeked = await video.evaluate(async (player: HTMLVideoElement) => {
      const done = new Promise((resolve) => player.addEventListener('seeked', resolve, { once: true }));
      player.currentTime = player.duration / 2;
      await done;
      return player.currentTime > 0;
    });
    expect(seeked).toBe(true);
    expect(complaints).toEqual([]);
  } finally {
    await app.close();
    rmSync(home, { recursive: true, force: true });
  }
});
