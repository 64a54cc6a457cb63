// Electron's main process, the whole of it, under a stub of Electron and over a sidecar without Python.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Main, startMain } from './desktop.ts';
// @ts-expect-error plain JavaScript, because a real Node has to read it as well
import { event, ours } from './fakeElectron.mjs';

const request = { prompt: '고양이' };

describe('a window that is open', () => {
  let main: Main;
  beforeAll(async () => {
    main = await startMain({ folder: '/models/that are new' }, { FAKE_STEP_MS: '10' });
    await main.came('ready');
  });
  afterAll(() => main.end());

  test('its page has no power but to ask its host', () => {
    expect(main.window().options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      devTools: true, // in a checkout
      preload: expect.stringMatching(/preload\.cjs$/),
    });
  });

  test('every process is sandboxed and the scheme has its privileges before the app is ready', () => {
    const order = main.calls.map(([name]: [string]) => name);
    for (const name of ['enableSandbox', 'registerSchemesAsPrivileged', 'setPath']) {
      expect(order.indexOf(name), name).toBeGreaterThanOrEqual(0);
      expect(order.indexOf(name), name).toBeLessThan(order.indexOf('ready'));
    }
    expect(main.named('registerSchemesAsPrivileged')[0][0]).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
    ]);
    expect(main.named('setPath')).toEqual([['userData', join(main.home, 'desktop')]]);
  });

  test('it shows our page and nothing else, and is told how the sidecar is', () => {
    expect(main.named('loadURL')).toEqual([['app://ui/']]);
    expect(main.window().sent).toContainEqual(['artifex', { type: 'sidecar', sidecar: expect.anything() }]);
  });

  test('calls of the page are answered; what is refused comes back as a value', async () => {
    expect(await main.call('snapshot', {})).toMatchObject({ result: { models: [{ id: 'wan-mini' }] } });
    expect(await main.call('cancel', { job: 'none' })).toMatchObject({ failure: { code: 'UNKNOWN_JOB' } });
  });

  test.each([
    ['another origin', { origin: 'https://example.com', parent: null }],
    ['a host that looks like ours', { origin: 'app://ui.example.com', parent: null }],
    ['a file', { origin: 'file://', parent: null }],
    ['an opaque origin', { origin: 'null', parent: null }],
    ['a frame inside our page', { origin: 'app://ui', parent: ours }],
    ['a frame that has gone', null],
  ])('a call from %s is refused', async (_, frame) => {
    expect(await main.call('snapshot', {}, frame)).toEqual({
      failure: expect.objectContaining({ code: 'BAD_REQUEST', message: 'This page may not talk to Artifex.' }),
    });
  });

  test.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'shutdown',
    'store_input',
    'media',
    '',
    7,
    null,
    {},
  ])('there is no method %j', async (method) => {
    expect(await main.call(method, {})).toHaveProperty('failure.code');
  });

  test('what a call brings is checked by the contract, and no larger than 1 MiB', async () => {
    const path = '/etc/passwd';
    expect(await main.call('generate', { request: { ...request, image: path } })).toHaveProperty('failure');
    expect(await main.call('generate', { request: { ...request, out: path } })).toHaveProperty('failure');
    expect(await main.call('snapshot', { more: 1 })).toHaveProperty('failure.code', 'BAD_REQUEST');
    expect(await main.call('generate', { request: { prompt: 'x'.repeat(2 ** 20) } })).toMatchObject({
      failure: { message: 'This call is larger than 1 MiB.' },
    });
  });

  test('a picture comes by its bytes, never by a path', async () => {
    const png = new Uint8Array(32);
    png.set(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
    new DataView(png.buffer).setUint32(16, 4);
    new DataView(png.buffer).setUint32(20, 3);
    expect(await main.call('upload', png.buffer)).toMatchObject({ result: { width: 4, height: 3 } });
    expect(await main.call('upload', '/etc/passwd')).toHaveProperty('failure');
    expect(await main.call('upload', new ArrayBuffer(64 * 2 ** 20 + 1))).toMatchObject({
      failure: { code: 'INPUT_BAD_IMAGE' },
    });
  });

  test('a video’s settings come by its bytes, never by a path', async () => {
    const head = new TextEncoder().encode('\0\0\0\bftyp');
    expect(await main.call('read_video', head.buffer)).toMatchObject({ result: { request: { prompt: '호수' } } });
    expect(await main.call('read_video', { path: '/etc/passwd' })).toHaveProperty('failure');
  });

  test('the page and its policy come over the scheme, and nothing beside the page', async () => {
    const page = await main.fetch('app://ui/');
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|file:|\*/);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    for (const path of [
      '../../../package.json',
      '%2e%2e/%2e%2e/%2e%2e/package.json',
      '..%2f..%2f..%2fpackage.json',
      '..%5c..%5cpackage.json',
      'C:/Windows/win.ini',
      'setup.html',
    ]) {
      const answer = await main.fetch(`app://ui/${path}`);
      expect(answer.status, path).toBe(404);
      expect(answer.headers.get('content-security-policy')).toBe(policy);
    }
    expect((await main.fetch('app://elsewhere/')).status).toBe(404);
    expect((await main.fetch('app://ui/', { method: 'POST' })).status).toBe(405);
    expect((await main.fetch('app://ui/media/..%2f..%2fetc%2fpasswd')).status).toBe(404);
    expect((await main.fetch('app://ui/media/nothing')).status).toBe(404);
  });

  test('no page leads away, opens a window or embeds one; a known link opens in the browser', () => {
    const page = main.window().webContents;
    for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']) {
      for (const url of ['https://example.com/', 'file:///etc/passwd', 'app://other/', 'javascript:1', 'data:,x']) {
        const going = event({ url });
        page.emit(name, going);
        expect(going.defaultPrevented, `${name} ${url}`).toBe(true);
      }
    }
    const staying = event({ url: 'app://ui/' });
    page.emit('will-navigate', staying);
    expect(staying.defaultPrevented).toBe(false);

    for (const url of [
      'https://example.com/',
      'http://www.python.org/',
      'file:///etc/passwd',
      'calc:',
      '\\\\server\\x',
    ]) {
      expect(page.open({ url })).toEqual({ action: 'deny' });
    }
    expect(main.named('openExternal')).toEqual([]);
    expect(page.open({ url: 'https://www.python.org/downloads/?a b' })).toEqual({ action: 'deny' });
    expect(main.named('openExternal')).toEqual([['https://www.python.org/downloads/?a%20b']]);
  });

  test('of what a browser would ask about, our page may go full screen, copy and notify', () => {
    const asked = (permission: string, requestingUrl: string): boolean => {
      const answer = vi.fn();
      main.rights.request(null, permission, answer, { requestingUrl });
      const origin = new URL(requestingUrl).protocol === 'app:' ? 'app://ui/' : requestingUrl;
      expect(main.rights.check(null, permission, origin)).toBe(answer.mock.calls[0]?.[0]);
      return answer.mock.calls[0]?.[0];
    };
    for (const permission of ['fullscreen', 'clipboard-sanitized-write', 'notifications']) {
      expect(asked(permission, 'app://ui/'), permission).toBe(true);
      expect(asked(permission, 'https://example.com/'), permission).toBe(false);
    }
    for (const permission of [
      'media',
      'geolocation',
      'clipboard-read',
      'openExternal',
      'hid',
      'usb',
      'midi',
      'unknown',
    ]) {
      expect(asked(permission, 'app://ui/'), permission).toBe(false);
    }
    expect(main.rights.device({ deviceType: 'hid' })).toBe(false);
  });

  test('a second start brings the window of the first to the front', () => {
    main.window().minimized = true;
    main.app.emit('second-instance', event(), ['artifex'], '/');
    expect(main.named('restore')).toHaveLength(1);
    expect(main.named('focus').length).toBeGreaterThan(0);
  });

  test('a page that dies is shown again, but not for ever', () => {
    const page = main.window().webContents;
    page.emit('render-process-gone', event(), { reason: 'clean-exit' });
    expect(main.named('reload')).toHaveLength(0);
    for (let time = 0; time < 6; time++) page.emit('render-process-gone', event(), { reason: 'crashed' });
    expect(main.named('reload')).toHaveLength(3);
  });

  test('a folder for new videos is chosen in it, too', async () => {
    expect(await main.call('choose_videos_folder', null)).toEqual({ result: { folder: '…/that are new' } });
  });

  test("a folder is chosen in the system's dialog, and only the model comes back", async () => {
    const { result, failure } = await main.call('choose_model_folder', null);
    expect(JSON.stringify(result ?? failure)).not.toContain('/models/that are new');
  });

  test('where a download goes is chosen there, too, and the page does not say where', async () => {
    const { failure } = await main.call('download_to', { model: 'wan', folder: 42 });
    expect(failure).toMatchObject({ values: { folder: '…/that are new' } });
  });

  test('a right click into a field offers to paste, and on a plain place nothing', () => {
    const page = main.window().webContents;
    page.emit('context-menu', event(), { isEditable: false, selectionText: '' });
    expect(main.named('popup')).toEqual([]);
    page.emit('context-menu', event(), { isEditable: true, selectionText: '' });
    page.emit('context-menu', event(), { isEditable: false, selectionText: '말' });
    const roles = main.named('popup').map(([items]: [{ role: string }[]]) => items.map((item) => item.role));
    expect(roles).toEqual([['cut', 'copy', 'paste', 'selectAll'], ['copy']]);
  });
});

test('a job is seen on the taskbar and keeps the machine awake; its video can be played and shown in its folder', async () => {
  const videos = mkdtempSync(join(tmpdir(), 'artifex-test-'));
  const video = join(videos, '고양이 1.mp4');
  writeFileSync(video, '0123456789');
  const main = await startMain({ locale: 'ko-KR' }, { FAKE_STEP_MS: '2', FAKE_VIDEO: video });
  try {
    await main.came('ready');
    await main.call('generate', { request: { ...request, steps: 4 } });
    await vi.waitFor(() => expect(main.named('mayRest')).toHaveLength(1), { timeout: 10_000 });
    const bar = main.named('setProgressBar').map(([part]: [number]) => part);
    const moving = bar.filter((part: number) => part >= 0);
    expect(moving.length).toBeGreaterThan(3);
    expect(moving).toEqual(moving.toSorted((a: number, b: number) => a - b));
    expect(Math.max(...moving)).toBeLessThanOrEqual(1);
    expect(bar.at(-1)).toBe(-1);
    expect([main.named('awake'), main.named('mayRest')]).toEqual([[['prevent-app-suspension']], [[7]]]);

    // who looked elsewhere is brought back to the window
    expect(await main.call('come_forward', null)).toEqual({ result: undefined });
    expect(main.named('focus')).toHaveLength(1);

    // the video, as a player asks for it
    const { result } = await main.call('snapshot', {});
    const id = result.jobs[0].output;
    const part = await main.fetch(`app://ui/media/${id}`, { headers: { Range: 'bytes=2-4' } });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234']);
    expect(part.headers.get('content-security-policy')).toContain("default-src 'none'");
    const beyond = await main.fetch(`app://ui/media/${id}`, { headers: { Range: 'bytes=10-' } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    const left = await main.fetch(`app://ui/media/${id}`);
    await left.body?.cancel(); // a player that seeks
    const head = await main.fetch(`app://ui/media/${id}`, { method: 'HEAD' });
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['10', '']);

    // and shown in its folder
    expect(await main.call('reveal', id)).toEqual({ result: undefined });
    expect(main.named('showItemInFolder')).toEqual([[video]]);
    expect(await main.call('reveal', '/etc/passwd')).toHaveProperty('failure');
    expect(await main.call('reveal', '../../x')).toHaveProperty('failure');

    // and the log in its own
    expect(await main.call('show_log', null)).toEqual({ result: undefined });
    const [[log]] = main.named('showItemInFolder').slice(1);
    expect(log).toMatch(/logs[\\/]artifex-\d{14}\.log$/);
    expect(readFileSync(log, 'utf8')).toContain('[Attention] Using PyTorch SDPA');
  } finally {
    await main.end();
    rmSync(videos, { recursive: true });
  }
});

describe('quitting', () => {
  let main: Main;
  afterEach(() => main.end());

  test('with nothing to lose it quits at once, after the background processes have been stopped', async () => {
    main = await startMain();
    await main.came('ready');
    const { result } = await main.call('snapshot', {});
    expect(result.sidecar.state).toBe('ready');
    main.window().close();
    expect(main.window().destroyed).toBe(false); // not before the sidecar is
    await main.gone();
    expect(main.named('showMessageBox')).toEqual([]);
    expect(main.window().sent.at(-1)).toMatchObject(['artifex', { sidecar: { state: 'stopped' } }]);
  });

  test('while a video is made it asks first, in the language of the person, and stays if told so', async () => {
    let decide = (_answer: number): void => {};
    const answer = new Promise<number>((resolve) => {
      decide = resolve;
    });
    main = await startMain({ answer }, { FAKE_STEP_MS: '100' });
    await main.came('ready');
    await main.call('prefer', { preferences: { language: 'ko' } });
    await main.call('generate', { request });
    await vi.waitFor(() => expect(main.named('setProgressBar').length).toBeGreaterThan(1));
    main.app.quit();
    main.window().close(); // once is enough
    await vi.waitFor(() => expect(main.named('showMessageBox')).toHaveLength(1));
    const [[asked]] = main.named('showMessageBox');
    expect(asked).toMatchObject({ message: '영상을 만드는 중입니다.', defaultId: 0, cancelId: 0 });
    expect(asked.buttons).toEqual(['계속 만들기', '끝내기']);
    decide(0);
    await new Promise((done) => setTimeout(done, 50));
    expect(main.window().destroyed).toBe(false);
    expect(await main.call('snapshot', {})).toHaveProperty('result.sidecar.state', 'ready');
  });

  test('while a video is made and the person is sure, it stops everything and quits', async () => {
    main = await startMain({ answer: 1 }, { FAKE_STEP_MS: '100' });
    await main.came('ready');
    await main.call('generate', { request });
    await vi.waitFor(() => expect(main.named('setProgressBar').length).toBeGreaterThan(1));
    main.app.quit();
    await main.gone();
    expect(main.window().sent.at(-1)).toMatchObject(['artifex', { sidecar: { state: 'stopped' } }]);
  });

  test('Ctrl+C in the terminal does not ask', async () => {
    main = await startMain({ answer: 0 }, { FAKE_STEP_MS: '100' });
    await main.came('ready');
    await main.call('generate', { request });
    await vi.waitFor(() => expect(main.named('setProgressBar').length).toBeGreaterThan(1));
    main.parent.leave();
    main.parent.leave();
    await main.gone();
    expect(main.named('showMessageBox')).toEqual([]);
  });

  test('while everything is still starting it is no failure', async () => {
    main = await startMain({ alone: true }, { FAKE_MUTE: '1' });
    await vi.waitFor(() => expect(main.named('loadURL')).toHaveLength(1));
    main.window().close();
    await main.gone();
    await new Promise((done) => setTimeout(done, 100));
    expect(main.told).toEqual([]);
    expect(main.named('showErrorBox')).toEqual([]);
  });

  test('the window opens where it was closed, and on a screen that is still there', async () => {
    main = await startMain();
    const { home } = main;
    await main.came('ready');
    const bounds = { x: 2000, y: 40, width: 1000, height: 700 };
    main.window().bounds = bounds;
    main.window().maximized = true;
    main.window().close();
    await main.gone();
    const screens = [
      { x: 0, y: 0, width: 1920, height: 1040 },
      { x: 1920, y: 0, width: 1600, height: 860 },
    ];
    const again = await startMain({ home, screens });
    await again.came('ready');
    expect(again.window().options).toMatchObject(bounds);
    expect(again.window().maximized).toBe(true);
    await again.end();
    const alone = await startMain({ home, screens: screens.slice(0, 1) });
    await alone.came('ready');
    expect(alone.window().options.x).toBeUndefined();
    await alone.end();
  });
});

describe('a start that comes to nothing', () => {
  test('a data folder that cannot be made is for the sidecar to say', async () => {
    const home = join(tmpdir(), `artifex-${process.pid}.txt`);
    writeFileSync(home, '');
    const main = await startMain({ home, first: false });
    expect(main.named('setPath')).toEqual([['userData', tmpdir()]]);
    await main.came('again');
    rmSync(home);
  });

  test('a second start opens no window and leaves, after saying that there is a first', async () => {
    const main = await startMain({ first: false });
    await main.came('again');
    await vi.waitFor(() => expect(main.named('exit')).toEqual([[0]]));
    expect(main.windows).toEqual([]);
    await main.end();
  });

  test.each([
    ['npm start is told why', false],
    ['without npm start a box says why', true],
  ])('a sidecar that does not start: %s', async (_, alone) => {
    const main = await startMain({ alone }, { FAKE_BUSY: '1' });
    await main.came('failed');
    const { message } = main.told.at(-1) ?? {};
    expect(message).toBeTruthy();
    await vi.waitFor(() => expect(main.named('exit')).toEqual([[1]]));
    expect(main.named('showErrorBox')).toHaveLength(alone ? 1 : 0);
    if (alone) expect(main.named('showErrorBox')[0][0]).toBe(message);
    main.parent.leave();
    await main.gone();
    await main.end();
  });
});
