// One set-up at a time in a checkout: a second `npm start` waits for the first.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isStopped, stopError, stoppable } from './run.mjs';

/** Does what is to be done, unless another set-up has done it while this one waited; Ctrl+C ends it.
 * @param {{ logs: string, say: (line: string) => void }} work @param {() => boolean} done @param {() => Promise<void>} steps */
export async function onceAtATime({ logs, say }, done, steps) {
  if (done()) return;
  mkdirSync(logs, { recursive: true });
  await stoppable(async () => {
    const release = await holdLock(join(logs, 'lock'), say);
    try {
      if (!done()) await steps();
    } finally {
      release();
    }
  });
}

/** @param {number} pid */
function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** Waits until the lock is ours; the answer gives it back.
 * @param {string} file @param {(line: string) => void} say */
async function holdLock(file, say) {
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    const owner = Number(readOr(file, '0'));
    if (owner === process.pid || (owner > 0 && !alive(owner))) {
      rmSync(file, { force: true }); // left by one that was killed
      continue;
    }
    if (tries === 0) say(`Another set-up is at work here (process ${owner}); waiting for it.`);
    await sleep(300);
    if (isStopped()) throw stopError();
  }
}

/** @param {string} file @param {string} otherwise */
function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
