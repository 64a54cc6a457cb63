import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { field, foreign, type Language, looks, quick, settled, stage, wear, wrongs } from './hands.ts';
import { type Place, place, why } from './place.ts';

const LONG = 170_000;
const PATIENCE = 80_000;

const words = {
  en: {
    first: 'Make a first video',
    found: /No NVIDIA graphics card was found|Found: /,
    keys: 'Keyboard shortcuts',
    commands: 'Commands',
    settings: 'Settings',
    contrast: 'More contrast',
    notices: 'Tell me when a video is ready',
    folder: 'Videos folder',
    log: /^Log/,
  },
  ko: {
    first: '첫 비디오 만들기',
    found: /그래픽 카드가 없어서|찾은 그래픽 카드/,
    keys: '단축키',
    commands: '명령',
    settings: '설정',
    contrast: '대비 높이기',
    notices: '비디오가 완성되면 알리기',
    folder: '비디오 폴더',
    log: /^로그/,
  },
} as const;

const shoot = async (page: Page, name: string): Promise<void> => {
  if (process.env.SHOT) await page.screenshot({ path: `${process.env.SHOT}-${name}.png` });
};

/** In every look axe finds nothing wrong, and no English stands in the Korean. */
async function everyLook(page: Page, name: string, check: (language: Language) => Promise<void>): Promise<void> {
  for (const [language, theme] of looks) {
    await wear(page, language, theme);
    await check(language);
    expect(await wrongs(page), `${name}, ${language}, ${theme}`).toEqual([]);
    if (language === 'ko') expect((await foreign(page)).filter((word) => word !== 'RAM' && word !== 'Esc')).toEqual([]);
    await shoot(page, `${name}-${language}-${theme}`);
    await page.keyboard.press('Escape');
  }
}

const sheet = (page: Page, name: string) => page.getByRole('dialog', { name });
const contrast = (page: Page) => page.evaluate(() => document.documentElement.dataset.contrast);

describe('Who comes for the first time', () => {
  let here: Place;
  let page: Page;

  beforeAll(async () => {
    if (why === '') here = await place();
  });
  beforeEach((context) => context.skip(why !== '', why));
  afterAll(() => here?.leave());

  test('is greeted, makes a first video with one button, and is never greeted again', { timeout: LONG }, async () => {
    page = await here.visit({ reducedMotion: 'reduce' });
    await settled(page);
    await everyLook(page, 'greeting', async (language) => {
      await page.getByText(words[language].found).waitFor();
      expect(await page.getByRole('dialog').count()).toBe(0);
    });
    const began = Date.now();
    await page.getByRole('button', { name: words.ko.first }).click();
    await stage(page, 'done').getByText('초록').waitFor({ timeout: PATIENCE });
    console.info(`the first video took ${Math.round((Date.now() - began) / 1000)} s`);
    await page.reload();
    await stage(page, 'done').waitFor();
    expect(await page.getByRole('button', { name: words.ko.first }).count()).toBe(0);
    await expect.poll(async () => (await here.host.core.call('snapshot', {})).preferences.greeted).toBe(true);
  });

  test('plays the video, steps through it and takes its settings by keys that leave texts alone', async () => {
    const video = page.locator('video[controls]');
    const time = () => video.evaluate((one: HTMLVideoElement) => one.currentTime);
    const paused = () => video.evaluate((one: HTMLVideoElement) => one.paused);
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await expect.poll(paused).toBe(false);
    await page.keyboard.press('Space');
    await expect.poll(paused).toBe(true);
    await video.evaluate((one: HTMLVideoElement) => {
      one.currentTime = 0;
    });
    await page.keyboard.press('.');
    await page.keyboard.press('.');
    await expect.poll(time).toBeCloseTo(2.5 / 12, 2);
    await page.keyboard.press(',');
    await expect.poll(time).toBeCloseTo(1.5 / 12, 2);
    await field(page, 'steps').fill('3');
    await page.keyboard.press('r');
    expect(await field(page, 'steps').inputValue()).toBe('3r');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press('r');
    await expect.poll(() => field(page, 'steps').inputValue()).not.toMatch(/r/);
    expect(here.complaints).toEqual([]);
  });
});

describe('A window that keeps the customs', () => {
  let here: Place;
  let page: Page;

  // What the fake sidecar makes cannot be played, for which axe would wait: looks come first, videos afterwards.
  beforeAll(async () => {
    if (why === '') here = await place({ FAKE_STEP_MS: '10' });
  });
  beforeEach(async (context) => {
    context.skip(why !== '', why);
    page = await here.visit({ reducedMotion: 'reduce' });
    await settled(page);
    await wear(page, 'en', 'light');
  });
  afterAll(() => here?.leave());

  const video = { prompt: '강', width: 320, height: 192, frames: 25, steps: 4 };
  const heard = async (key: string): Promise<void> => {
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press(key);
  };

  test('? shows every key, in every look', async () => {
    await everyLook(page, 'keys', async (language) => {
      await heard('?');
      await sheet(page, words[language].keys).getByText('Enter').waitFor();
    });
    await field(page, 'prompt').fill('');
    await page.keyboard.type('why?');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('the palette finds a Korean command by an English word and does it, by keyboard alone', async () => {
    await everyLook(page, 'palette', async (language) => {
      await heard('Control+k');
      await sheet(page, words[language].commands).getByRole('menuitem').first().waitFor();
    });
    await wear(page, 'ko', 'light');
    const items = sheet(page, words.ko.commands).getByRole('menuitem');
    await field(page, 'steps').focus();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('queue open');
    await expect.poll(() => items.allInnerTexts()).toEqual([expect.stringContaining('대기열 열기')]);
    await page.keyboard.press('Enter');
    await page.locator('[data-queue]').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('어두');
    await expect.poll(() => items.allInnerTexts()).toEqual(['색상: 어둡게']);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('doctor');
    await page.keyboard.press('Enter');
    await sheet(page, '이 컴퓨터는 괜찮은가요?').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('세상에 없는 말');
    await page.getByText('그런 명령이 없습니다.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('settings are fine in every look; more contrast counts at once and is remembered', {
    timeout: LONG,
  }, async () => {
    for (const more of [false, true]) {
      await everyLook(page, more ? 'settings-more' : 'settings', async (language) => {
        await page.getByRole('button', { name: words[language].settings, exact: true }).click();
        const toggle = sheet(page, words[language].settings).getByRole('switch', { name: words[language].contrast });
        expect(await toggle.isChecked()).toBe(more);
      });
      if (more) break;
      await heard('Control+,');
      await page.getByText(words.ko.contrast, { exact: true }).click();
      await expect.poll(() => contrast(page)).toBe('more');
      await page.keyboard.press('Escape');
    }
    await page.reload();
    await settled(page);
    expect(await contrast(page)).toBe('more');
    await everyLook(page, 'page-more', async () => {});
    await page.keyboard.press('Control+,');
    await page.getByText(words.ko.contrast, { exact: true }).click();
    await expect.poll(() => contrast(page)).toBe('usual');
    await page.emulateMedia({ contrast: 'more' });
    await expect.poll(() => contrast(page)).toBe('more');
    expect(here.complaints).toEqual([]);
  });

  test('a videos folder is typed, taken when it is there, and otherwise refused in words', async () => {
    await wear(page, 'ko', 'light');
    await heard('Control+,');
    const part = page.getByRole('region', { name: words.ko.folder });
    await part.getByRole('button', { name: '바꾸기…' }).click();
    const path = part.getByRole('textbox', { name: '새 비디오를 넣을 폴더' });
    for (const [typed, refused] of [
      ['비디오', /전체 경로가 아닙니다/],
      ['/none/here', /폴더가 없습니다/],
    ] as const) {
      await path.fill(typed);
      await path.press('Enter');
      await part.getByText(refused).waitFor();
    }
    expect(await wrongs(page)).toEqual([]);
    mkdirSync(join(here.home, '새 폴더'));
    await path.fill(join(here.home, '새 폴더'));
    await part.getByRole('button', { name: '이 폴더 쓰기' }).click();
    await part.getByText(/새 비디오가 저장되는 곳: .*새 폴더/).waitFor();
    await shoot(page, 'folder');
  });

  test('the log is searched, sifted, saved and followed until one scrolls up', async () => {
    await wear(page, 'en', 'light');
    await page.getByRole('button', { name: words.en.log }).click();
    const log = page.getByRole('log');
    await everyLook(page, 'log', async () => {});
    await wear(page, 'en', 'light');
    await here.host.core.call('generate', { request: video });
    await log.getByText('[Attention]').waitFor();
    await page.getByRole('combobox', { name: 'Show', exact: true }).selectOption('[Attention]');
    await expect
      .poll(async () => (await log.locator('p').allInnerTexts()).every((line) => /\[Attention\]/.test(line)))
      .toBe(true);
    await page.getByRole('combobox', { name: 'Show', exact: true }).selectOption('troubles');
    await expect.poll(() => log.locator('p').first().innerText()).toMatch(/WARNING|ERROR|No line/);
    await page.getByRole('combobox', { name: 'Show', exact: true }).selectOption('all');
    await page.getByRole('searchbox', { name: 'Find in the log' }).fill('FAKE sidecar');
    await expect.poll(() => log.locator('p').allInnerTexts()).toEqual([expect.stringContaining('fake sidecar')]);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as a file' }).click(),
    ]);
    expect(readFileSync(await file.path(), 'utf8')).toMatch(/INFO: fake sidecar\n$/);
    await page.getByRole('searchbox', { name: 'Find in the log' }).fill('');
    await here.host.core.call('generate', { request: { ...video, prompt: 'FLOOD' } });
    await log.getByText('line 50000 of').waitFor();
    const follow = page.getByRole('button', { name: 'Follow' });
    expect(await follow.getAttribute('aria-pressed')).toBe('true');
    await log.hover();
    await page.mouse.wheel(0, -400);
    await expect.poll(() => follow.getAttribute('aria-pressed')).toBe('false');
    await page.mouse.wheel(0, 4000);
    await expect.poll(() => follow.getAttribute('aria-pressed')).toBe('true');
  });

  test('in the system’s own colours what is pressed, off or under way is still seen', async () => {
    await page.emulateMedia({ forcedColors: 'active', contrast: 'no-preference' });
    const edge = (name: string) =>
      page.getByRole('button', { name, exact: true }).evaluate((one) => getComputedStyle(one).borderStyle);
    expect(await edge('Settings')).toBe('solid');
    await page.getByRole('button', { name: /^Queue/ }).click();
    expect(await edge('Clear')).toBe('dashed');
    const drawn = page.waitForFunction(() => {
      const bar = document.querySelector('[data-stage] [role="progressbar"] > *');
      return bar !== null && getComputedStyle(bar).forcedColorAdjust === 'none';
    });
    await here.host.core.call('generate', { request: { ...video, steps: 200 } });
    await drawn;
    await shoot(page, 'forced');
  });

  test('Ctrl+, and Ctrl+J open settings and queue, and Ctrl+Enter sends from anywhere', async () => {
    await heard('Control+,');
    await sheet(page, words.en.settings).waitFor();
    await page.keyboard.press('Control+k'); // an open sheet has the keys for itself
    expect(await page.getByRole('dialog').count()).toBe(1);
    await page.keyboard.press('Escape');
    await heard('Control+j');
    await page.locator('[data-queue]').waitFor();
    await heard('Control+j');
    await page.locator('[data-queue]').waitFor({ state: 'detached' });
    await quick(page, '밤');
    await heard('Control+Enter');
    await stage(page, 'done').waitFor({ timeout: PATIENCE });
  });

  test('who looks elsewhere is told that a video is ready, once they have asked for it', async () => {
    const context = await here.browser.newContext({ permissions: ['notifications'], locale: 'en-US' });
    await context.addInitScript(() => {
      const told: { title: string; body: string; onclick: () => void; close: () => void }[] = [];
      class Fake {
        static permission = 'default';
        static async requestPermission() {
          Fake.permission = 'granted';
          return 'granted';
        }
        onclick = () => {};
        close = () => {};
        body: string;
        title: string;
        constructor(title: string, { body }: { body: string }) {
          this.title = title;
          this.body = body;
          told.push(this);
        }
      }
      Object.assign(window, { Notification: Fake, told });
    });
    page = await context.newPage();
    await page.goto(here.host.address);
    await settled(page);
    const told = () =>
      page.evaluate(() =>
        (window as unknown as { told: { title: string; body: string }[] }).told.map(({ title, body }) => [title, body]),
      );
    const look = (away: boolean) =>
      page.evaluate((away) => Object.assign(document, { hasFocus: () => !away }), away).then(() => {});
    const make = async (prompt: string): Promise<void> => {
      const { job } = await here.host.core.call('generate', { request: { ...video, prompt } });
      const state = async () => (await here.host.core.call('snapshot', {})).jobs.find((one) => one.job === job)?.state;
      await expect.poll(state, { timeout: PATIENCE }).toMatch(/done|failed/);
      await page.waitForTimeout(200);
    };
    await look(true);
    await make('unasked');
    expect(await told()).toEqual([]);
    await page.keyboard.press('Control+,');
    await page.getByText(words.en.notices).click();
    await expect.poll(() => page.getByRole('switch', { name: words.en.notices }).isChecked()).toBe(true);
    await page.keyboard.press('Escape');
    await Promise.all([make('asked'), make('FAIL')]);
    await look(false);
    await make('seen');
    expect(await told()).toEqual([
      ['Your video is ready.', 'asked'],
      ['A video could not be made.', 'FAIL'],
    ]);
    await page.evaluate(() => (window as unknown as { told: { onclick: () => void }[] }).told[0]?.onclick());
    await stage(page, 'done').getByText('asked').waitFor();
    await context.close();
  });
});
