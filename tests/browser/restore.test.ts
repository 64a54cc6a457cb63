import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { field, foreign, looks, quick, send, settled, stage, wear, wrongs } from './hands.ts';
import { type Place, place, why } from './place.ts';

const LONG = 170_000;
const PATIENCE = 80_000;
const FIELDS = ['prompt', 'negative_prompt', 'width', 'height', 'frames', 'fps', 'steps', 'guidance', 'seed', 'shift'];

interface Given {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

describe('What a file brings', () => {
  let here: Place;
  let page: Page;
  let video: Buffer;
  let picture: Buffer;

  beforeAll(async () => {
    if (why !== '') return;
    here = await place();
    page = await here.visit({ reducedMotion: 'reduce' });
    await settled(page);
    picture = await drawn('#3366cc');
  });
  beforeEach((context) => context.skip(why !== '', why));
  afterAll(() => here?.leave());

  /** A picture of one colour. */
  async function drawn(colour: string): Promise<Buffer> {
    const bytes = await page.evaluate(async (colour) => {
      const canvas = new OffscreenCanvas(96, 64);
      const brush = canvas.getContext('2d');
      if (brush) brush.fillStyle = colour;
      brush?.fillRect(0, 0, 96, 64);
      return [...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())];
    }, colour);
    return Buffer.from(bytes);
  }

  /** Does with a file what a person's hand does: drags it over the page, lets it go, or pastes it. */
  const bring = (how: 'dragover' | 'drop' | 'paste', { name, type, bytes }: Given, onto = 'header'): Promise<void> =>
    page.evaluate(
      ({ how, name, type, bytes, onto }) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name, { type }));
        const more = { bubbles: true, cancelable: true };
        const event =
          how === 'paste'
            ? new ClipboardEvent(how, { clipboardData: data, ...more })
            : new DragEvent(how, { dataTransfer: data, ...more });
        document.querySelector(onto)?.dispatchEvent(event);
      },
      { how, name, type, bytes: bytes.toString('base64'), onto },
    );

  const ours = (): Given => ({ name: '호수_1.mp4', type: 'video/mp4', bytes: video });
  const asPng = (bytes: Buffer): Given => ({ name: '그림_1.png', type: 'image/png', bytes });
  const notice = (words: string | RegExp) => page.getByRole('status').filter({ hasText: words });
  const dismiss = () => page.getByRole('button', { name: /^(Dismiss|닫기)$/ }).click();
  const preview = () => page.locator('[data-field="image"] img');
  const values = async () =>
    Object.fromEntries(await Promise.all(FIELDS.map(async (name) => [name, await field(page, name).inputValue()])));
  const unfold = async () => {
    const folded = page.locator('form button[aria-expanded="false"]:not([aria-haspopup])');
    while ((await folded.count()) > 0) await folded.first().click();
  };

  /** Another form, and nothing kept of the one before. */
  async function anew(): Promise<void> {
    await wear(page, 'en', 'light');
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    await settled(page);
    await unfold();
  }

  /** The bytes of the newest video. */
  async function newest(): Promise<Buffer> {
    const { jobs } = await here.host.core.call('snapshot', {});
    return readFileSync((await here.host.core.media(jobs.at(-1)?.output ?? '')).path);
  }

  test('one of our videos, dropped anywhere, fills an emptied form as it was', { timeout: LONG }, async () => {
    await unfold();
    await quick(page, '산 위의 “구름”, "따옴표" \\ ; # =\n둘째 줄');
    const other = { negative_prompt: '흐림', fps: '9', guidance: '2.5', shift: '4.5', seed: '9223372036854775807' };
    for (const [name, value] of Object.entries(other)) await field(page, name).fill(value);
    const before = await values();
    await send(page).click();
    await stage(page, 'done').waitFor({ timeout: PATIENCE });
    video = await newest();
    await anew();
    expect([await field(page, 'prompt').inputValue(), await field(page, 'seed').inputValue()]).toEqual(['', '']);
    await bring('drop', ours());
    await notice('Settings restored: 호수_1.mp4. Unchanged, they make the same video again.').waitFor();
    expect(await values()).toEqual(before);
    await send(page).click();
    await expect.poll(newest, { timeout: PATIENCE }).toEqual(video);
  });

  test('the keyboard opens a video’s settings, too, and dismisses what is said of it', async () => {
    await anew();
    const open = page.getByRole('button', { name: 'Open a video’s settings…' });
    const chooser = page.waitForEvent('filechooser');
    await open.focus();
    await page.keyboard.press('Enter');
    const { name, type, bytes } = ours();
    await (await chooser).setFiles({ name, mimeType: type, buffer: bytes });
    await notice('Settings restored').waitFor();
    expect(await field(page, 'fps').inputValue()).toBe('9');
    await page.getByRole('button', { name: 'Dismiss' }).press('Enter');
    await notice('Settings restored').waitFor({ state: 'detached' });
  });

  test('what was made elsewhere is restored with what is missing said, in every look', { timeout: LONG }, async () => {
    const change = (from: string, to: string) => {
      const bytes = Buffer.from(video);
      const at = bytes.indexOf(from);
      bytes.write(to, at);
      return bytes;
    };
    await bring('drop', { ...ours(), bytes: change('"wan-mini"', '"wan-maxi"') });
    await notice('Unchanged, they make the same video again.').waitFor(); // the weights say which model it is
    const strange = change('"wan-mini"', '"wan-maxi"');
    strange.write('0123456789abcdef', strange.indexOf('.safetensors": "') + '.safetensors": "'.length);
    await bring('drop', { ...ours(), bytes: strange });
    for (const [language, theme] of looks) {
      await wear(page, language, theme);
      await notice(
        language === 'en' ? /Its model is not here \(wan-maxi\)/ : /모델이 여기에 없어\(wan-maxi\)/,
      ).waitFor();
      expect(await wrongs(page)).toEqual([]);
    }
    await wear(page, 'en', 'light');
    await dismiss();
  });

  test('a video of somebody else and a text are refused in words, in Korean, too', { timeout: LONG }, async () => {
    await anew();
    await field(page, 'prompt').fill('나의 것');
    const nobodys = Buffer.from(video);
    nobodys.write('"artiste"', nobodys.indexOf('"artifex"'));
    const text = { name: 'notes.txt', type: 'text/plain', bytes: Buffer.from('words') };
    await bring('drop', { ...ours(), bytes: nobodys });
    await notice('This video holds no settings of Artifex.').waitFor();
    await bring('drop', text);
    await notice('notes.txt is neither a picture nor a video.').waitFor();
    await bring('drop', { ...text, name: 'film.webm', type: 'video/webm' });
    await notice('This file is not an mp4 video.').waitFor();
    await bring('drop', { ...ours(), bytes: video.subarray(0, video.indexOf('moov') + 400) });
    await notice("The video's file is not whole.").waitFor();
    await wear(page, 'ko', 'dark');
    await notice('비디오 파일이 온전하지 않습니다.').waitFor();
    expect(await foreign(page)).toEqual([]);
    await bring('drop', { ...ours(), bytes: nobodys });
    await notice('Artifex의 설정이 들어 있지 않은 비디오입니다.').waitFor();
    await bring('drop', text);
    await notice('그림도 비디오도 아닙니다: notes.txt').waitFor();
    expect(await wrongs(page)).toEqual([]);
    expect(await foreign(page)).toEqual([]);
    await wear(page, 'en', 'light');
    await dismiss();
    expect(await field(page, 'prompt').inputValue()).toBe('나의 것');
  });

  test('while a file is over it, the page says what becomes of it, in every look', { timeout: LONG }, async () => {
    for (const [language, theme] of looks) {
      await wear(page, language, theme);
      await bring('dragover', ours());
      const words = notice(language === 'en' ? 'Let it go anywhere' : '아무 데나 놓으세요');
      await words.waitFor();
      expect(await wrongs(page)).toEqual([]);
      if (language === 'ko') expect(await foreign(page)).toEqual([]);
      await page.evaluate(() => window.dispatchEvent(new DragEvent('dragleave')));
      await words.waitFor({ state: 'detached' });
    }
    await wear(page, 'en', 'light');
  });

  test('words that are dragged go where they always went', async () => {
    const kept = await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData('text/plain', 'words');
      const event = new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true });
      document.querySelector('textarea')?.dispatchEvent(event);
      return !event.defaultPrevented;
    });
    expect(kept).toBe(true);
    expect(await notice('Let it go anywhere').count()).toBe(0);
  });

  test('a pasted picture goes to its field, but not in place of pasted text', async () => {
    await anew();
    await bring('paste', asPng(picture));
    await preview().waitFor();
    await page.getByText('96 × 64').waitFor();
    await page.getByRole('button', { name: 'Remove the picture' }).click();
    const taken = await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', 'words');
      clipboardData.items.add(new File(['x'], 'x.png', { type: 'image/png' }));
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
      document.querySelector('textarea')?.dispatchEvent(event);
      return event.defaultPrevented;
    });
    expect(taken).toBe(false);
  });

  test('a picture that the video began with comes back while it is here', { timeout: LONG }, async () => {
    await anew();
    await bring('drop', asPng(picture), 'main');
    await preview().waitFor();
    await quick(page, '파란 하늘');
    await send(page).click();
    await stage(page, 'done').getByText('파란 하늘').waitFor({ timeout: PATIENCE });
    const begun = await newest();
    await anew();
    await bring('drop', { ...ours(), bytes: begun });
    await preview().waitFor();
    await page.getByText('96 × 64').waitFor();
    const lost = Buffer.from(begun);
    lost.write('0'.repeat(16), lost.indexOf('"image": "') + '"image": "'.length);
    await bring('drop', { ...ours(), bytes: lost });
    await notice('The picture it began with is not here: give it again.').waitFor();
    expect(await preview().count()).toBe(0);
    await dismiss();
  });

  test('the first and the last frame of a video become the next one’s picture', { timeout: LONG }, async () => {
    const colour = () =>
      preview().evaluate(async (image: HTMLImageElement) => {
        await image.decode();
        const canvas = new OffscreenCanvas(1, 1);
        const brush = canvas.getContext('2d');
        brush?.drawImage(image, 0, 0, 1, 1);
        return [...(brush?.getImageData(0, 0, 1, 1).data ?? [])];
      });
    await anew();
    await page.locator('[data-stage] video').waitFor();
    await page.getByRole('button', { name: 'First frame as picture' }).click();
    await page.getByText('128 × 128').waitFor();
    const [red = 0, , blue = 0] = await colour();
    expect(blue).toBeGreaterThan(red); // it began with the blue picture
    const address = await preview().getAttribute('src');
    await page.getByRole('button', { name: 'Last frame as picture' }).click();
    await expect.poll(() => preview().getAttribute('src')).not.toBe(address);
    expect(await wrongs(page)).toEqual([]);
  });

  test('through all of this the console said nothing, and no policy was broken', () => {
    expect(here.complaints.filter((words) => !words.includes('status of 400'))).toEqual([]);
  });
});
