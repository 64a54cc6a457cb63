// What the desktop decides without Electron, and the bounds it keeps.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { AppEvent } from '../contract/event.ts';
import { fitted, readState, saveState } from '../desktop/bounds.ts';
import { setUp } from '../desktop/installed.ts';
import { Leaving } from '../desktop/leaving.ts';
import { clickMenu, menuBar } from '../desktop/menu.ts';
import { answerPage, nothingYet } from '../desktop/page.ts';
import { dataFolder, findPlace } from '../desktop/place.ts';
import { isOurs, outside } from '../desktop/policy.ts';
import { Watch } from '../desktop/watch.ts';
import { wordsOf } from '../desktop/words.ts';

const app = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'artifex-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every TypeScript and JavaScript file of ours, by its path under app/. */
const sources = readdirSync(app, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !/^(dist|tests)/.test(file))
  .map((file) => [file.replaceAll('\\', '/'), readFileSync(join(app, file), 'utf8')] as const);

describe('the bounds of the house', () => {
  test('only main and preload know Electron', () => {
    const knowing = sources.filter(([, text]) =>
      /from 'electron'|import\('electron'\)|require\('electron'\)/.test(text),
    );
    for (const [file] of knowing) expect(file).toMatch(/^(main|preload)\//);
    expect(knowing.length).toBeGreaterThan(5);
  });

  test('what needs Electron to run is at most 200 lines of code', () => {
    const lines = sources
      .filter(([file]) => /^(main|preload)\//.test(file))
      .flatMap(([, text]) => text.split('\n'))
      .filter((line) => !/^\s*($|\/\/|\/\*|\*)/.test(line));
    expect(lines.length).toBeLessThanOrEqual(200);
  });

  test('main knows the desktop, the core and the set-up; the preload knows nothing but its channel', () => {
    const rooms = { main: /^(main|desktop|core|contract|setup)$/, preload: /^contract$/, desktop: /^(?!main|preload)/ };
    for (const [file, text] of sources) {
      const room = rooms[file.split('/')[0] as keyof typeof rooms];
      if (!room) continue;
      for (const [, from = ''] of text.matchAll(/from '(\.[^']+)'/g)) {
        const there = relative(app, join(app, file, '..', from)).split(/[\\/]/)[0] ?? '';
        expect(there, `${file} imports ${from}`).toMatch(room);
      }
    }
  });

  test('a program is never started through a shell, nor one that is a shell script on Windows', () => {
    for (const [file, text] of sources) {
      expect(text, file).not.toMatch(/shell: true|\bexecSync\(|\bexec\(['"`]|spawn\([^)]*\.(bat|cmd)\b/);
    }
  });

  test('the window never sends a path of a program, arguments or an environment', () => {
    const contract = sources.filter(([file]) => file.startsWith('contract/')).map(([, text]) => text);
    for (const text of contract) expect(text).not.toMatch(/\b(argv|args|env|cwd|executable|command|out): z\./);
  });
});

describe('where things are', () => {
  const home = '/home/사람';
  test.each([
    ['linux', {}, '/home/사람/.local/share/artifex'],
    ['linux', { XDG_DATA_HOME: '/data' }, '/data/artifex'],
    ['darwin', {}, '/home/사람/Library/Application Support/Artifex'],
    ['linux', { ARTIFEX_HOME: '/elsewhere/아티 팩스' }, '/elsewhere/아티 팩스'],
  ] as const)('on %s with %j the data folder is %s', (platform, env, data) => {
    expect(dataFolder({ platform, env, home })).toBe(data);
  });

  test('on Windows the data folder is where the sidecar has it', () => {
    const windows = { platform: 'win32', home: 'C:\\Users\\사람' } as const;
    expect(dataFolder({ ...windows, env: {} })).toBe('C:\\Users\\사람\\AppData\\Local\\Artifex');
    expect(dataFolder({ ...windows, env: { LOCALAPPDATA: 'D:\\L' } })).toBe('D:\\L\\Artifex');
  });

  const facts = { platform: 'linux', home: '/home/a', app: '/app', resources: '/opt/artifex/resources' } as const;

  test('in a checkout everything is there, and npm start says which Python', () => {
    const place = findPlace({ ...facts, env: { ARTIFEX_PYTHON: '/app/.venv/bin/python' }, installed: false });
    expect(place).toMatchObject({ root: '/app', ui: '/app/app/dist/ui', python: '/app/.venv/bin/python', venv: null });
    expect(() => findPlace({ ...facts, env: {}, installed: false })).toThrow('npm start');
  });

  test('installed, Python code lies beside the archive and its environment beside the data', () => {
    const place = findPlace({ ...facts, env: { ARTIFEX_PYTHON: '/evil' }, installed: true });
    expect(place).toMatchObject({
      root: '/opt/artifex/resources/engine',
      data: '/home/a/.local/share/artifex',
      venv: '/home/a/.local/share/artifex-python',
      python: null,
    });
  });
});

describe('where the window opens', () => {
  const screens = [
    { workArea: { x: 0, y: 0, width: 1920, height: 1040 } },
    { workArea: { x: -1280, y: 100, width: 1280, height: 700 } },
  ];
  const was = { x: 100, y: 80, width: 1000, height: 700, maximized: false };
  const middle = { width: 1280, height: 860 };
  test.each([
    ['never opened before', null, middle],
    ['where it was', was, { x: 100, y: 80, width: 1000, height: 700 }],
    ['on the left screen', { ...was, x: -1200, y: 120 }, { x: -1200, y: 120, width: 1000, height: 700 }],
    [
      'larger than its screen now is',
      { ...was, width: 4000, height: 3000 },
      { x: 100, y: 80, width: 1920, height: 1040 },
    ],
    ['smaller than it may be', { ...was, width: 300, height: 100 }, { x: 100, y: 80, width: 720, height: 560 }],
    ['on a screen that has gone', { ...was, x: 2500 }, middle],
    ['with its title bar above every screen', { ...was, y: -300 }, middle],
    ['with its title bar below every screen', { ...was, y: 1030 }, middle],
  ])('%s', (_, state, opens) => {
    expect(fitted(state, screens)).toEqual(opens);
  });

  test('it is remembered; a file that is not one of ours is as good as none', () => {
    const file = join(folder, 'new folder', 'window.json');
    expect(readState(file)).toBeNull();
    saveState(file, was);
    expect(readState(file)).toEqual(was);
    for (const text of ['', '{"x":1}', '[]', '{"x":1e99,"y":0,"width":1,"height":1,"maximized":false}', 'null']) {
      writeFileSync(file, text);
      expect(readState(file), text).toBeNull();
    }
  });
});

describe('where a page may lead', () => {
  test.each([
    ['app://ui/', true],
    ['app://ui/setup.html?x', true],
    ['app://ui.evil/', false],
    ['app://ui:8080/', false],
    ['app:ui', false],
    ['https://ui/', false],
    ['file:///ui', false],
    ['javascript:alert(1)', false],
    ['', false],
  ])('%s is our own page: %s', (address, ours) => {
    expect(isOurs(address)).toBe(ours);
  });

  test.each([
    ['https://nodejs.org/en', 'https://nodejs.org/en'],
    ['https://huggingface.co/Wan-AI', 'https://huggingface.co/Wan-AI'],
    ['http://nodejs.org/', null],
    ['https://nodejs.org:8443/', null],
    ['https://nodejs.org.evil.com/', null],
    ['https://evil.com/?nodejs.org', null],
    ['https://nodejs.org@evil.com/', null],
    ['ms-settings:', null],
    ['file:///C:/Windows/System32/calc.exe', null],
    ['\\\\server\\share', null],
  ])('%s opens %s in the browser', (address, opened) => {
    expect(outside(address)).toBe(opened);
  });
});

describe('leaving', () => {
  const steps = (sure: boolean | Promise<boolean>) => ({
    ask: vi.fn(async () => sure),
    stop: vi.fn(async () => {}),
    quit: vi.fn(),
  });

  test('nothing is stopped for a person who stays, and they are asked again the next time', async () => {
    const some = steps(false);
    const leaving = new Leaving(some);
    await leaving.ask();
    await leaving.ask();
    expect([some.ask.mock.calls.length, some.stop.mock.calls.length, leaving.done]).toEqual([2, 0, false]);
  });

  test('stopping comes before quitting, each once, even if stopping fails', async () => {
    const some = steps(true);
    some.stop.mockRejectedValueOnce(new Error('stuck'));
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    const leaving = new Leaving(some);
    await Promise.all([leaving.ask(), leaving.ask(), leaving.now()]);
    await leaving.now();
    expect([some.stop.mock.calls.length, some.quit.mock.calls.length, leaving.done]).toEqual([1, 1, true]);
    expect(said).toHaveBeenCalledOnce();
    said.mockRestore();
  });

  test('the terminal does not wait for an answer at the window', async () => {
    const some = steps(new Promise<boolean>(() => {}));
    const leaving = new Leaving(some);
    void leaving.ask();
    await leaving.now();
    expect(some.quit).toHaveBeenCalledOnce();
  });
});

describe('what the taskbar shows', () => {
  const news = (job: string, state: string, more = {}): AppEvent =>
    ({ type: 'progress', progress: { job, state, phase: null, step: null, steps: null, ...more } }) as AppEvent;
  const died = { type: 'sidecar', sidecar: { state: 'restarting', why: null, tail: [] } } as AppEvent;

  test('the running job, and nothing once it or the sidecar has ended', () => {
    const watch = new Watch();
    expect(watch.see(news('a', 'queued'))).toBeNull();
    expect(watch.see(news('a', 'running', { phase: 'denoise', step: 10, steps: 20 }))?.fraction).toBeCloseTo(0.47, 1);
    expect(watch.running).toBe(true);
    expect(watch.see(news('b', 'queued'))).toBeNull();
    expect(watch.see(news('b', 'cancelled'))).toBeNull(); // another one's end is not this one's
    expect(watch.see(news('a', 'done'))).toEqual({ fraction: null });
    expect(watch.see(news('b', 'running'))?.fraction).toBe(0);
    expect(watch.see(died)).toEqual({ fraction: null });
    expect(watch.running).toBe(false);
    expect(watch.see({ type: 'log', lines: [] })).toBeNull();
  });
});

test('menus have both languages; what is for working on the page is in a checkout only', async () => {
  const [en, ko] = [await wordsOf(null, 'en-GB'), await wordsOf(null, 'ko')];
  expect(JSON.stringify(menuBar(en, true, 'linux'))).toContain('toggleDevTools');
  expect(JSON.stringify(menuBar(ko, false, 'win32'))).not.toMatch(/toggleDevTools|reload|appMenu/);
  expect(JSON.stringify(menuBar(ko, false, 'darwin'))).toContain('appMenu');
  expect(clickMenu(ko, { isEditable: true, selectionText: '' }).map((item) => item.label)).toContain('붙여넣기');
});

describe('the first start of an installed app', () => {
  const place = {
    ...findPlace({ platform: 'linux', env: {}, home: folder, app: folder, resources: folder, installed: true }),
    root: app.replace(/app[\\/]$/, ''),
    data: folder,
    venv: join(folder, 'python'),
  };

  test('shows how far it is, and says in words what is missing', async () => {
    vi.stubEnv('WAN_PYTHON', join(folder, 'no-such-python'));
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const shown = nothingYet(folder);
    const pages: string[] = [];
    const show = async (address: string): Promise<void> => {
      const answer = await answerPage(new Request(address), shown);
      expect(answer.headers.get('content-security-policy')).not.toContain('unsafe');
      pages.push(await answer.text());
    };
    expect(await setUp(place, shown, await wordsOf(null, 'ko'), show)).toBeNull();
    expect(pages.at(-1)).toContain('Artifex를 준비하지 못했습니다');
    expect(pages.at(-1)).toContain('No Python 3.10 to 3.14 was found.');
    expect(pages.at(-1)).not.toMatch(/http-equiv="refresh"|<script|style=/);
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  test('its page forgets no letter and forms no element of what a program printed', async () => {
    const shown = nothingYet(folder);
    const { setup: words } = await wordsOf(null, 'en');
    shown.setup = { words, lines: ['<script>alert("x")</script> & 설치'], over: false };
    const page = await (await answerPage(new Request('app://ui/setup.html'), shown)).text();
    expect(page).toContain('&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62; &#38; 설치');
    expect(page).toContain('http-equiv="refresh"');
    expect((await answerPage(new Request('app://ui/setup.css'), shown)).headers.get('content-type')).toContain('css');
  });
});
