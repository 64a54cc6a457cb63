import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Job } from '../../app/contract/job.ts';
import { isOver } from '../../app/contract/phase.ts';
import { field, foreign, looks, send, settled, wear, wrongs } from './hands.ts';
import { type Place, place, why } from './place.ts';

const LONG = 170_000;
const PATIENCE = 80_000;

describe('The form', () => {
  let here: Place;
  let page: Page;

  beforeAll(async () => {
    if (why !== '') return;
    here = await place();
    page = await here.visit({ viewport: { width: 1280, height: 1000 }, reducedMotion: 'reduce' });
    await settled(page);
  });
  beforeEach((context) => context.skip(why !== '', why));
  afterAll(() => here?.leave());

  const jobs = async (): Promise<readonly Job[]> => (await here.host.core.call('snapshot', {})).jobs;
  const verdict = () => page.locator('[data-verdict]').textContent();
  const choose = (name: string) => page.locator('form').getByText(name, { exact: true }).click();
  const chosen = (name: string) => page.getByRole('radio', { name, exact: true }).isChecked();
  const prompt = () => field(page, 'prompt');
  const values = (...names: string[]) => Promise.all(names.map((name) => field(page, name).inputValue()));
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest('[data-field]')?.getAttribute('data-field'));

  test('a preset sets size, length and steps', async () => {
    await prompt().fill('a red boat on a calm sea at dawn');
    expect(await chosen('Standard')).toBe(true);
    await choose('Draft');
    expect(await values('frames', 'steps')).toEqual(['13', '8']);
    expect(await chosen('224 × 128')).toBe(true);
    await choose('Best');
    expect(await values('frames', 'steps')).toEqual(['25', '30']);
    expect(await chosen('320 × 192')).toBe(true);
    await field(page, 'steps').fill('31');
    await page.getByText('Custom values').waitFor();
    expect(await chosen('Best')).toBe(false);
    await field(page, 'steps').press('ArrowDown');
    await expect.poll(() => chosen('Best')).toBe(true);
  });

  test('a shape is chosen by its ratio, at the same sharpness, with its pixels beside it', async () => {
    await choose('9:16');
    expect(await chosen('192 × 320')).toBe(true);
    expect(await chosen('Best')).toBe(true);
    await choose('Draft');
    expect([await chosen('9:16'), await chosen('128 × 224')]).toEqual([true, true]);
    await choose('4:3');
    expect([await chosen('160 × 128'), await chosen('Draft')]).toEqual([true, true]);
    await choose('256 × 192');
    expect(await chosen('4:3')).toBe(true);
    await page.getByRole('radio', { name: '4:3' }).focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => chosen('256 × 256')).toBe(true);
    await choose('Custom');
    expect(await values('width', 'height')).toEqual(['256', '256']);
  });

  test('two variations are two different videos, of a seed and the next', { timeout: LONG }, async () => {
    await choose('16:9');
    await choose('Draft');
    await field(page, 'seed').fill('9223372036854775806');
    await field(page, 'count').fill('2');
    expect(await send(page).innerText()).toContain('Make 2 videos');
    await expect.poll(verdict).toMatch(/ · each$/);
    await send(page).click();
    await expect
      .poll(async () => (await jobs()).map(({ state }) => isOver(state)), { timeout: PATIENCE })
      .toEqual([true, true]);
    const made = await jobs();
    expect(made.map(({ request: { seed }, state }) => [seed, state])).toEqual([
      ['9223372036854775806', 'done'],
      ['9223372036854775807', 'done'],
    ]);
    const paths = await Promise.all(made.map(({ output }) => here.host.core.media(output ?? '')));
    const [one, other] = paths.map(({ path }) => readFileSync(path));
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(false);
    await expect.poll(verdict).toMatch(/^About .* · each$/);
  });

  test('the estimate follows the preset', async () => {
    const seconds = async () => {
      const [, minutes = '0', rest] = /^About (?:(\d+):)?(\d+)/.exec((await verdict()) ?? '') ?? [];
      return 60 * Number(minutes) + Number(rest);
    };
    const draft = await seconds();
    await choose('Standard');
    await expect.poll(seconds).toBeGreaterThan(3 * draft);
    const standard = await seconds();
    await choose('Best');
    await expect.poll(seconds).toBeGreaterThan(standard);
    await choose('Draft');
    await expect.poll(seconds).toBeLessThan(standard / 3);
  });

  test('more than there are seeds or places for are refused at their field, and nothing is queued', async () => {
    await field(page, 'count').fill('3');
    await send(page).click();
    await expect.poll(focused).toBe('seed');
    await page.locator('[data-field="seed"]').getByText('the last seed is').waitFor();
    await field(page, 'count').fill('9');
    await send(page).click();
    await expect.poll(focused).toBe('count');
    await page.locator('[data-field="count"]').getByText('Choose 8 or less').waitFor();
    expect(await jobs()).toHaveLength(2);
    await field(page, 'count').fill('1');
    expect(await send(page).innerText()).toContain('Generate');
  });

  test('a locked seed stays; unlocked, the last one is a click away', async () => {
    expect(await field(page, 'seed').inputValue()).toBe('9223372036854775806');
    await page.getByRole('button', { name: 'Random each time' }).click();
    expect(await field(page, 'seed').inputValue()).toBe('');
    await page.getByRole('button', { name: 'Keep the last: 9223372036854775807' }).click();
    expect(await field(page, 'seed').inputValue()).toBe('9223372036854775807');
    expect(await page.getByRole('button', { name: /^Keep the last/ }).count()).toBe(0);
  });

  test('of several refused fields the highest is focused, out of its fold', async () => {
    const advanced = page.getByRole('button', { name: /^Advanced/ });
    await advanced.click();
    await field(page, 'shift').fill('much');
    await field(page, 'guidance').fill('high');
    await advanced.click();
    await send(page).click();
    await expect.poll(focused).toBe('guidance');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
    expect(await field(page, 'shift').getAttribute('aria-invalid')).toBe('true');
    await field(page, 'guidance').fill('4');
    await field(page, 'shift').fill('5');
    await advanced.click();
  });

  test('a choice that this version does not know is refused at its field', async () => {
    await page.evaluate(() => {
      const draft = JSON.parse(sessionStorage.getItem('artifex-draft') ?? '{}');
      sessionStorage.setItem('artifex-draft', JSON.stringify({ ...draft, solver: 'magic' }));
    });
    await page.reload();
    await settled(page);
    await send(page).click();
    await expect.poll(focused).toBe('solver');
    const solver = page.locator('[data-field="solver"]');
    await solver.getByText('Choose unipc, dpm++ or euler').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: 'UniPC' }).click();
    await solver.getByText('Choose unipc').waitFor({ state: 'detached' });
    expect(await jobs()).toHaveLength(2);
  });

  test('each setting says what it does, to ears at once and to eyes on request', async () => {
    const steps = page.getByRole('textbox', { name: 'Steps' });
    const described = () =>
      steps.evaluate((box) => document.getElementById(box.getAttribute('aria-describedby') ?? '')?.textContent);
    expect(await described()).toMatch(/^How often the picture is worked over/);
    const sentence = page.getByText('How often the picture is worked over');
    expect(await sentence.isVisible()).toBe(false);
    const what = page.getByRole('button', { name: 'What is this? Steps' });
    await what.focus();
    await page.keyboard.press('Enter');
    expect(await sentence.isVisible()).toBe(true);
    expect(await what.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Enter');
    expect(await sentence.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'What is this? Model' }).click();
    await page.getByText('What makes the video.').waitFor();
    await page.getByRole('button', { name: 'What is this? Model' }).click();
  });

  test('earlier prompts come back with Alt and an arrow, as in a shell', async () => {
    await here.host.core.call('pause', {});
    for (const words of ['고요한 호수', '산\n구름']) {
      await prompt().fill(words);
      const before = (await jobs()).length;
      await prompt().press('Control+Enter');
      await expect.poll(async () => (await jobs()).length).toBe(before + 1);
    }
    await page.reload();
    await settled(page);
    await prompt().fill('one\ntwo');
    await prompt().press('Alt+ArrowUp'); // from the last line there is a line above
    await page.waitForTimeout(200);
    expect(await prompt().inputValue()).toBe('one\ntwo');
    await prompt().press('Control+Home');
    const back = async (key: string, words: string) => {
      await page.keyboard.press(key);
      await expect.poll(() => prompt().inputValue()).toBe(words);
    };
    await back('Alt+ArrowUp', '산\n구름');
    await back('Alt+ArrowUp', '고요한 호수');
    await back('Alt+ArrowUp', 'a red boat on a calm sea at dawn');
    await back('Alt+ArrowUp', 'a red boat on a calm sea at dawn');
    await back('Alt+ArrowDown', '고요한 호수');
    await back('Alt+ArrowDown', '산\n구름');
    await back('Alt+ArrowDown', 'one\ntwo');
    await prompt().press('Control+Home');
    for (const _ of [1, 2]) await page.keyboard.press('Alt+ArrowUp'); // faster than they are fetched
    await expect.poll(() => prompt().inputValue()).toBe('고요한 호수');
  });

  test('while a syllable is being composed Alt and an arrow are the input method’s', async () => {
    await prompt().fill('');
    const keyboard = await page.context().newCDPSession(page);
    const compose = (text: string) =>
      keyboard.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    await prompt().focus();
    for (const syllable of ['ㅂ', '바', '밤']) await compose(syllable);
    await page.keyboard.press('Alt+ArrowUp');
    const key = { key: 'ArrowUp', code: 'ArrowUp', modifiers: 1, windowsVirtualKeyCode: 229 };
    await keyboard.send('Input.insertText', { text: '밤' });
    await keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...key });
    await page.waitForTimeout(300);
    expect(await prompt().inputValue()).toBe('밤');
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(() => prompt().inputValue()).toBe('산\n구름');
  });

  test('earlier prompts are found by a word, and taken with Enter', async () => {
    const button = page.getByRole('button', { name: 'Earlier prompts' });
    await button.focus();
    await page.keyboard.press('Enter');
    const list = page.getByRole('dialog', { name: 'Earlier prompts' });
    await expect.poll(() => list.getByRole('option').count()).toBe(3);
    expect(await wrongs(page)).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await list.waitFor({ state: 'detached' });
    await expect.poll(() => prompt().inputValue()).toBe('고요한 호수');
    await expect.poll(focused).toBe('prompt');
    await button.click();
    await list.getByRole('searchbox').fill('zzz');
    await list.getByText('None of them has these words.').waitFor();
    await list.getByRole('searchbox').fill('BOAT');
    await expect.poll(() => list.getByRole('option').count()).toBe(1);
    await list.getByRole('option').click();
    await expect.poll(() => prompt().inputValue()).toBe('a red boat on a calm sea at dawn');
    await button.click();
    await list.waitFor();
    await page.keyboard.press('Escape');
    await list.waitFor({ state: 'detached' });
    await expect.poll(() => button.evaluate((one) => one === document.activeElement)).toBe(true);
  });

  test('of a picture in another shape, what the model will not see is veiled', async () => {
    await page.evaluate(async () => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 400 });
      const brush = canvas.getContext('2d');
      for (let y = 0; brush && y < 400; y += 8) {
        brush.fillStyle = `hsl(${y} 60% 50%)`;
        brush.fillRect(0, y, 400, 8);
      }
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
      const dataTransfer = new DataTransfer();
      if (blob) dataTransfer.items.add(new File([blob], 'a.png', { type: 'image/png' }));
      const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
      document.querySelector('form')?.dispatchEvent(drop);
    });
    const zone = page.locator('[data-field="image"]');
    await zone.getByText('400 × 400').waitFor();
    await zone.getByText('13 % is cut away').waitFor(); // what is made has whole cells, and no square of this area has
    await choose('16:9');
    await zone.getByText(/The model sees the bright part\. 4\d % is cut away/).waitFor();
    const boxes = await zone.evaluate((one) => {
      const [picture, crop] = ['img', '[data-crop]'].map((what) => one.querySelector(what)?.getBoundingClientRect());
      return picture && crop
        ? [crop.top - picture.top, crop.height, crop.width].map((side) => side / picture.height)
        : [];
    });
    const [top = 0, height = 0, width = 0] = boxes;
    expect(width).toBeCloseTo(1, 1);
    expect(2 * top + height).toBeCloseTo(1, 1);
    expect(await wrongs(page)).toEqual([]);
    await choose('1:1');
    await zone.getByText('The model sees all of it.').waitFor();
  });

  test('in every look axe finds nothing wrong with all of it open, and Korean is all Korean', {
    timeout: LONG,
  }, async () => {
    await choose('16:9');
    await field(page, 'count').fill('4');
    await wear(page, 'en', 'light');
    const folded = page.locator('form button[aria-expanded="false"]:not([aria-haspopup])');
    while ((await folded.count()) > 0) await folded.first().click();
    for (const [language, theme] of looks) {
      await wear(page, language, theme);
      expect(await wrongs(page), `${language}, ${theme}`).toEqual([]);
      if (process.env.SHOT) await page.screenshot({ path: `${process.env.SHOT}-${language}-${theme}.png` });
    }
    await prompt().fill('고요한 호수');
    expect(await send(page).innerText()).toContain('대기열에 4개 추가');
    expect(
      (await foreign(page)).filter((word) => !['red', 'boat', 'on', 'calm', 'sea', 'at', 'dawn'].includes(word)),
    ).toEqual([]);
    await field(page, 'seed').fill('9223372036854775807');
    await send(page).click();
    await page.locator('[data-field="seed"]').getByText('이 시드로는 그만큼 만들 수 없습니다').waitFor();
    await field(page, 'count').fill('많이');
    await send(page).click();
    await page.locator('[data-field="count"]').getByText('숫자가 아닙니다').waitFor();
  });

  test('after a reload all of it stands as it was', async () => {
    await choose('초안');
    await field(page, 'count').fill('4');
    await page.reload();
    await settled(page);
    expect(await values('prompt', 'count', 'seed', 'frames')).toEqual([
      '고요한 호수',
      '4',
      '9223372036854775807',
      '13',
    ]);
    expect(await chosen('초안')).toBe(true);
    await page.locator('[data-crop]').waitFor();
  });

  test('through all of this the console said nothing, and no policy was broken', () => {
    expect(here.complaints).toEqual([]);
  });
});

test('while there is no negative prompt, the one that is used can be read', async (context) => {
  context.skip(why !== '', why);
  const official = '色调艳丽，过曝，静态，细节模糊不清，字幕';
  const here = await place({ FAKE_NEGATIVE: official });
  try {
    const page = await here.visit({ reducedMotion: 'reduce' });
    await settled(page);
    await page.getByRole('button', { name: 'Negative prompt' }).click();
    await page.getByText(official).waitFor();
    await page.getByText('In Chinese, as the model learned it').waitFor();
    for (const [language, theme] of looks) {
      await wear(page, language, theme);
      expect(await wrongs(page), `${language}, ${theme}`).toEqual([]);
    }
    await field(page, 'negative_prompt').fill('흐림');
    await page.getByText(official).waitFor({ state: 'detached' });
  } finally {
    await here.leave();
  }
});
