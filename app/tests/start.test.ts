import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
// @ts-expect-error plain JavaScript, because it runs before there is anything that could read TypeScript
import * as electron from '../setup/electron.mjs';
// @ts-expect-error likewise
import { run as runProgram } from '../setup/run.mjs';
// @ts-expect-error likewise
import { desktopEnvironment, startDesktop } from '../start/desktop.mjs';
import { lives } from './fake.ts';

const start = fileURLToPath(new URL('../start.mjs', import.meta.url));
const run = (args: string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [start, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), '아티 팩스-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file below the folder. */
function put(path: string, text: string): string {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text, { mode: 0o755 });
  return join(folder, path);
}

describe('what npm start can be told', () => {
  test.each([
    [['--bowser']],
    [['--port', 'http']],
    [['--port', '70000']],
    [['something']],
    [['--desktop', '--browser']],
    [['--desktop', '--no-open']],
  ])('%j is refused in words, with what is known', (args) => {
    const { status, stderr, stdout } = run(args);
    expect(status).toBe(2);
    expect(stderr).toContain('--no-open');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
  });

  test('--help says what can be said', () => {
    expect(run(['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('--port N') });
  });

  test('--desktop on a machine without a screen says so at once', (context) => {
    context.skip(process.platform !== 'linux', 'other systems always have one');
    const { status, stderr } = run(['--desktop'], { DISPLAY: '', WAYLAND_DISPLAY: '' });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/no screen.*\n.*npm start -- --browser/)]);
  });
});

describe("Electron's program", () => {
  const program = (env = {}, platform = 'linux') => electron.electronProgram(folder, env, platform);

  test('is the one that the lock asks for, complete, or none', () => {
    expect(program()).toBeNull();
    put('node_modules/electron/package.json', '{"version":"45.4.1"}');
    put('node_modules/electron/dist/version', '45.4.0');
    const file = put('node_modules/electron/dist/electron', '');
    expect(program(), 'of another version').toBeNull();
    put('node_modules/electron/dist/version', '45.4.1');
    expect(program()).toBe(file);
    expect(program({}, 'win32'), 'of another system').toBeNull();
    expect(program({}, 'darwin')).toBeNull();
  });

  test('may lie elsewhere, if the person says where', () => {
    put('node_modules/electron/package.json', '{"version":"45.4.1"}');
    const file = put('my own/electron.exe', '');
    expect(program({ ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'my own') }, 'win32')).toBe(file);
    expect(program({ ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'nowhere') }, 'win32')).toBeNull();
  });

  test('needs a screen, which only Linux may lack', () => {
    expect(electron.noDisplay({}, 'linux')).toMatch('no screen');
    expect(electron.noDisplay({ DISPLAY: ':0' }, 'linux')).toBeNull();
    expect(electron.noDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBeNull();
    expect(electron.noDisplay({}, 'win32')).toBeNull();
  });

  test('is fetched once; a failure is said, remembered for a day and stops nothing', async () => {
    put('node_modules/electron/package.json', '{"version":"45.4.1"}');
    put('node_modules/electron/install.js', 'console.error("TypeError: fetch failed"); process.exit(1);');
    const lines: string[] = [];
    const work = { root: folder, logs: folder, say: (line: string) => lines.push(line) };
    expect(electron.electronIsSettled(work)).toBe(false);
    await electron.fetchElectron(work);
    expect(lines.at(-1)).toContain('a browser takes its place');
    expect(electron.electronIsSettled(work)).toBe(true);
    expect(electron.recentFailure(folder)).toBe('Electron could not be fetched');
    const yesterday = Date.now() / 1000 - 25 * 60 * 60;
    utimesSync(electron.failureFile(folder), yesterday, yesterday);
    expect(electron.electronIsSettled(work)).toBe(false);
    put('node_modules/electron/install.js', '');
    await electron.fetchElectron(work);
    expect(existsSync(electron.failureFile(folder))).toBe(false);
  });
});

test('a program of set-up that takes too long is ended, and how long it had is said', async () => {
  const pid = join(folder, 'pid');
  const script = put(
    'slow.mjs',
    `import { writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(pid)}, String(process.pid)); setInterval(() => {}, 1000);`,
  );
  const job = { what: 'Something', command: process.execPath, args: [script], cwd: folder, hint: 'Wait.' };
  const slow = runProgram({ ...job, log: join(folder, 'log'), say: () => {}, patience: 600 });
  await expect(slow).rejects.toThrow('Something: took longer than 1 s.');
});

describe('the window, as npm start sees it', () => {
  let count = 0;
  const open = (script: string, more = {}) => {
    const root = dirname(put(`app ${++count}/index.js`, script));
    return startDesktop({ program: process.execPath, root, python: 'python', ...more });
  };
  const said = `process.send({ type: 'ready' });`;

  test('is told which Python, and cannot be made a plain Node', () => {
    const env = { PATH: '/bin', ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '--inspect' };
    expect(desktopEnvironment('/venv/python', env)).toEqual({ PATH: '/bin', ARTIFEX_PYTHON: '/venv/python' });
  });

  test('is open when it says so, and over when the person closes it', async () => {
    // it may be open for longer than opening may take
    const window = open(`${said} setTimeout(() => process.exit(0), 800);`, { env: process.env, opening: 600 });
    expect(await window.first).toEqual({ type: 'ready' });
    expect(await window.ended).toBeNull();
  });

  test('leaves when it is told to', async () => {
    const window = open(`${said} process.on('message', (word) => process.exit(word === 'leave' ? 0 : 3));`);
    await window.first;
    await window.stop();
    expect(await window.ended).toBeNull();
  });

  test('is ended when it does not leave, or does not open', async () => {
    const deaf = open(
      `process.send({ type: 'ready', pid: process.pid }); process.on('message', () => {});
      process.on('disconnect', () => {}); setInterval(() => {}, 1000);`,
      { leaving: 300 },
    );
    const { pid } = await deaf.first;
    await deaf.stop();
    await deaf.ended;
    expect(lives(pid)).toBe(false);
    const slow = open('setInterval(() => {}, 1000);', { opening: 300 });
    expect(await slow.first).toEqual({ type: 'died', why: 'it did not open in 0.3 s' });
  });

  test('that cannot be opened says why, in the line that Chromium gave', async () => {
    const died = (why: string) => ({ type: 'died', why });
    const missing = open(
      `console.error('/x/electron: error while loading shared libraries: libnss3.so: cannot open'); process.exit(127);`,
    );
    expect(await missing.first).toEqual(
      died('exit code 127: /x/electron: error while loading shared libraries: libnss3.so: cannot open'),
    );
    expect(await open('').first).toEqual(died('it closed at once'));
    const nothing = startDesktop({ program: join(folder, 'none'), root: folder, python: 'python' });
    expect((await nothing.first).why).toContain('ENOENT');
  });
});
