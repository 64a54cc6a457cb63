// The desktop half of set-up: Electron's program, which its npm package fetches when it is first wanted. Where it
// cannot be had the page opens in a browser, so a failure here is remembered and said, never thrown.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isStopped, run } from './run.mjs';

/** @typedef {import('../setup.mjs').Work} Work */

const PROGRAMS = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' };
const PATIENCE_MS = 10 * 60_000; // 110 MB, beside Python's packages
const DAY_MS = 24 * 60 * 60_000;

/** Electron's program, or null when it is not there or not of the version that the lock asks for.
 * @param {string} root @param {Record<string, string | undefined>} [env] @param {string} [platform] */
export function electronProgram(root, env = process.env, platform = process.platform) {
  const home = join(root, 'node_modules', 'electron');
  const own = PROGRAMS[/** @type {keyof typeof PROGRAMS} */ (platform)] ?? 'electron';
  const override = env.ELECTRON_OVERRIDE_DIST_PATH;
  const program = join(override || join(home, 'dist'), own);
  try {
    const wanted = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).version;
    const version = override
      ? wanted
      : readFileSync(join(home, 'dist', 'version'), 'utf8')
          .replace(/^v/, '')
          .trim();
    return version === wanted && existsSync(program) ? program : null;
  } catch {
    return null;
  }
}

/** Why there can be no window here, or null.
 * @param {Record<string, string | undefined>} env @param {string} platform */
export function noDisplay(env, platform) {
  if (platform !== 'linux' || env.DISPLAY || env.WAYLAND_DISPLAY) return null;
  return 'this machine has no screen (neither DISPLAY nor WAYLAND_DISPLAY is set)';
}

/** Where a failure is remembered.
 * @param {string} logs */
export const failureFile = (logs) => join(logs, 'electron-failed.txt');

/** Why Electron could not be had, if that was less than a day ago; null otherwise.
 * @param {string} logs */
export function recentFailure(logs, now = Date.now()) {
  const file = failureFile(logs);
  try {
    return now - statSync(file).mtimeMs < DAY_MS ? readFileSync(file, 'utf8') : null;
  } catch {
    return null;
  }
}

/** Whether it is there, or has been tried too lately to try again.
 * @param {Pick<Work, 'root' | 'logs'>} work */
export const electronIsSettled = ({ root, logs }) => electronProgram(root) !== null || recentFailure(logs) !== null;

/** Has Electron's package fetch its program; remembers it when that fails.
 * @param {Pick<Work, 'root' | 'logs' | 'say'>} work */
export async function fetchElectron({ root, logs, say }) {
  const started = Date.now();
  say('Electron: fetching it (about 110 MB).');
  const job = { what: 'Electron', cwd: root, log: join(logs, 'electron.log'), say, hint: '' };
  const args = [join('node_modules', 'electron', 'install.js')];
  try {
    await run({ ...job, command: process.execPath, args, patience: PATIENCE_MS });
    rmSync(failureFile(logs), { force: true });
    say(`Electron: done (${Math.round((Date.now() - started) / 1000)} s).`);
  } catch (error) {
    if (isStopped()) throw error;
    writeFileSync(failureFile(logs), 'Electron could not be fetched');
    say('Electron: it could not be fetched; a browser takes its place. It is tried again tomorrow.');
  }
}
