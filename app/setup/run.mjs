// Runs the programs that set-up needs: output into a log, a sign of life every few seconds, none left behind.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

/** Something a person can act on: what is wrong, and what to do. */
export class SetupError extends Error {
  /** @param {string} message @param {string} hint @param {number} exitCode */
  constructor(message, hint = '', exitCode = 1) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** What a stopped set-up ends with. */
export const stopError = () => new SetupError('Stopped.', 'The same command goes on from here.', 130);

const HEARTBEAT_MS = 10_000;
/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
let stopped = false;

/** Whether to go no further. */
export const isStopped = () => stopped;

/** Ends every child with its own children. */
export function stopAll() {
  stopped = true;
  for (const child of children) end(child);
}

/** @param {import('node:child_process').ChildProcess} child */
function end({ pid }) {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL'); // its process group
  } catch {
    // it has just ended
  }
}

/** Runs `work`; Ctrl+C and its like end the children, and `work` then fails with "Stopped".
 * @template T @param {() => Promise<T>} work @returns {Promise<T>} */
export async function stoppable(work) {
  stopped = false;
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, stopAll);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, stopAll);
  }
}

/** What a person needs of a failed program's output: from its first error on, or else the end.
 * @param {string} output @param {number} lines */
export function excerpt(output, lines = 12) {
  const text = output
    .trimEnd()
    .split(/\r?\n/)
    .filter((line) => !/^(npm error)?\s*$/.test(line));
  const first = text.findIndex((line) => /\b(error|failed)\b/i.test(line) && !/^npm error code/.test(line));
  const shown = first === -1 ? text.slice(-lines) : text.slice(first, first + lines);
  return shown.map((line) => `  | ${line.slice(0, 200)}`).join('\n');
}

/**
 * Runs one program to its end; fails with the end of its output and what to do.
 * @param {{ what: string, command: string, args: string[], cwd: string, log: string,
 *           say: (line: string) => void, hint: string, patience?: number }} job `patience`: the longest it may take, in ms
 * @returns {Promise<void>}
 */
export function run({ what, command, args, cwd, log, say, hint, patience = 0 }) {
  if (stopped) return Promise.reject(stopError());
  appendFileSync(log, `\n$ ${[command, ...args].join(' ')}\n`);
  const started = Date.now();
  let last = '';
  let output = '';
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    children.add(child);
    /** @param {Buffer} chunk */
    const keep = (chunk) => {
      appendFileSync(log, chunk);
      output += chunk;
      last =
        chunk
          .toString()
          .trim()
          .split(/[\r\n]+/)
          .at(-1)
          ?.trim() || last;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const heartbeat = setInterval(() => {
      const seconds = Math.round((Date.now() - started) / 1000);
      say(`  ${what}: ${seconds} s${last ? `, ${last.slice(0, 90)}` : ''}`);
    }, HEARTBEAT_MS);
    let late = false;
    const deadline = setTimeout(
      () => {
        late = true;
        end(child);
      },
      patience || 2 ** 31 - 1,
    );
    /** @param {Error | null} error */
    const finish = (error) => {
      clearInterval(heartbeat);
      clearTimeout(deadline);
      children.delete(child);
      if (stopped) reject(stopError());
      else if (error) reject(error);
      else resolve();
    };
    child.on('error', (error) =>
      finish(new SetupError(`${what}: ${command} could not be started (${error.message}).`, hint)),
    );
    child.on('close', (code, signal) => {
      if (code === 0) return finish(null);
      const why = late
        ? `took longer than ${Math.round(patience / 1000)} s`
        : signal
          ? `was ended by ${signal}`
          : `failed with exit code ${code}`;
      finish(new SetupError(`${what}: ${why}.\n${excerpt(output)}\n  The whole log: ${log}`, hint));
    });
  });
}
