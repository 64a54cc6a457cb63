// Opens the desktop window: Electron as a child of `npm start`, until the person closes it.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {{ type: 'ready' } | { type: 'again' } | { type: 'failed', message: string, hint: string }
 *           | { type: 'died', why: string }} News */
/** @typedef {{ first: Promise<News>, ended: Promise<string | null>, stop(): Promise<void> }} Desktop
 *   `first`: what came of opening it. `ended`: null, or how it died. */

/** What Electron is told by the environment: which Python, and nothing that would make a plain Node of it.
 * @param {string} python @param {NodeJS.ProcessEnv} env */
export function desktopEnvironment(python, env) {
  const { ELECTRON_RUN_AS_NODE: _node, NODE_OPTIONS: _options, ...rest } = env;
  return { ...rest, ARTIFEX_PYTHON: python };
}

/** Starts it; `opening` and `leaving` are how long it may take, in milliseconds.
 * @param {{ program: string, root: string, python: string, env?: NodeJS.ProcessEnv, opening?: number, leaving?: number }} how
 * @returns {Desktop} */
export function startDesktop({ program, root, python, env = process.env, opening = 120_000, leaving = 3000 }) {
  const child = spawn(program, [root], {
    cwd: root,
    env: desktopEnvironment(python, env),
    // A session of its own, so that Ctrl+C comes to us alone and we tell it in order; it also leaves when we are gone.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let printed = '';
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ part) => {
    process.stderr.write(part);
    printed = `${printed}${part}`.slice(-4000);
  });
  const ended = new Promise((/** @type {(how: string | null) => void} */ resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? null : signal ? `signal ${signal}` : `exit code ${code}`),
    );
  });
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    end(child);
  }, opening);
  /** @type {Promise<News>} */
  const said = new Promise((resolve) => child.once('message', (news) => resolve(/** @type {News} */ (news))));
  /** @type {Promise<News>} */
  const died = ended.then((how) => {
    const why = late ? `it did not open in ${opening / 1000} s` : `${how ?? 'it closed at once'}${reason(printed)}`;
    return { type: 'died', why };
  });
  const first = Promise.race([said, died]).finally(() => clearTimeout(deadline));
  return {
    first,
    ended,
    stop: async () => {
      if (child.connected) child.send('leave', () => {});
      await Promise.race([ended, sleep(leaving, null, { ref: false }).then(() => end(child))]);
    },
  };
}

/** The last line that says why, of what Chromium printed.
 * @param {string} printed */
function reason(printed) {
  const line = printed
    .split(/\r?\n/)
    .filter((text) => /FATAL|error while loading|cannot open|Missing X server/i.test(text))
    .at(-1);
  return line ? `: ${line.replace(/^\[[^\]]*\]\s*/, '').slice(0, 200)}` : '';
}

/** @param {import('node:child_process').ChildProcess} child */
function end(child) {
  try {
    if (process.platform === 'win32' || child.pid === undefined) child.kill();
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}
