// The page as the desktop window has it: over the preload's two functions and the real door, in Chromium, since only
// Electron itself is missing then.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DesktopApi } from '../../app/contract/channel.ts';
import type { AppEvent } from '../../app/contract/event.ts';
import { answerCall } from '../../app/desktop/door.ts';
import { png } from '../../app/tests/fake.ts';
import { field, send, settled, stage } from '../browser/hands.ts';
import { type Place, place, root, why } from '../browser/place.ts';

let here: Place;
let page: Page;
const revealed: string[] = [];
const hands = {
  chooseFolder: async () => tmpdir(),
  reveal: (path: string) => void revealed.push(path),
  comeForward: () => {},
};
const caller = { origin: 'app://ui', parent: null };

beforeAll(async () => {
  if (why !== '') return;
  here = await place({ FAKE_VIDEO: join(root, 'models', 'wan-mini', 'config.json') });
  const { core, address } = here.host;
  page = await here.browser.newPage({ locale: 'en-US' });
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await page.exposeFunction('askHost', async (method: string, params: unknown) => {
    const bytes = Array.isArray(params) ? new Uint8Array(params as number[]).buffer : params;
    return structuredClone(await answerCall(core, hands, caller, method, bytes));
  });
  await page.addInitScript(() => {
    const world = window as unknown as { api: DesktopApi; askHost: DesktopApi['ask']; hear(event: AppEvent): void };
    world.api = {
      // bytes cross playwright's own bridge as a list of numbers
      ask: (method, params) =>
        world.askHost(method, params instanceof ArrayBuffer ? [...new Uint8Array(params)] : params),
      listen: (listener) => {
        world.hear = listener;
      },
    };
  });
  const push = (event: AppEvent): Promise<void> =>
    page.evaluate((news) => (window as unknown as { hear(event: unknown): void }).hear(news), event).catch(() => {});
  core.on((event) => void push(event));
  await page.goto(address);
  await push({ type: 'sidecar', sidecar: core.sidecar }); // as main does when the page has loaded
  await settled(page);
  expect(sockets).toEqual([]); // everything goes through the channel
});
afterAll(() => here?.leave());

test('a video is made, a refusal is told, a picture and a folder are taken, all over the one channel', async (context) => {
  context.skip(why !== '', why);
  await field(page, 'prompt').fill('고양이 한 마리');
  await send(page).click();
  await stage(page, 'done').waitFor();
  await page.getByRole('button', { name: /show in folder/i }).click();
  await expect.poll(() => revealed).toHaveLength(1);

  const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/png', buffer });
  const image = page.locator('[data-field="image"]');
  await image.locator('input[type="file"]').setInputFiles(file('none.png', Buffer.from('no picture')));
  await image.getByText('This is not a picture').waitFor();
  await image.locator('input[type="file"]').setInputFiles(file('고양이.png', png()));
  await image.getByText('4 × 3').waitFor();

  await page.getByRole('button', { name: /choose a folder/i }).click();
  await page.getByText('holds no official Wan2.2 checkpoint').waitFor(); // what its folder dialog gave
});
