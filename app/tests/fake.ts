import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AppEvent } from '../contract/event.ts';
import { Core } from '../core/core.ts';
import type { Patience } from '../core/sidecar.ts';

const script = fileURLToPath(new URL('./fakeSidecar.mjs', import.meta.url));

export interface Fake {
  readonly core: Core;
  readonly home: string;
  readonly events: AppEvent[];
  until(wanted: (event: AppEvent) => boolean): Promise<AppEvent>;
  end(): Promise<void>;
}

/** A Core over the fake sidecar, in a folder of its own; `end` leaves nothing behind. */
export function fake(env: Record<string, string> = {}, patience: Partial<Patience> = {}): Fake {
  const home = mkdtempSync(join(tmpdir(), 'artifex-test-'));
  const command = {
    file: process.execPath,
    args: [script],
    cwd: home,
    env: { ...process.env, ARTIFEX_HOME: home, ...env },
  };
  const core = new Core(command, patience);
  const events: AppEvent[] = [];
  core.on((event) => events.push(event));
  return {
    core,
    home,
    events,
    until: (wanted) =>
      new Promise((resolve) => {
        const past = events.find(wanted);
        if (past) return resolve(past);
        const forget = core.on((event) => {
          if (!wanted(event)) return;
          forget();
          resolve(event);
        });
      }),
    end: async () => {
      await core.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** For what comes in a moment, on a machine that is busy with other tests too. */
export const PATIENTLY = { timeout: 10_000 };

/** A one-pixel PNG that says it is 4 by 3, for tests that only look at its head. */
export const png = (): Buffer => {
  const bytes = Buffer.alloc(32);
  bytes.write('\x89PNG\r\n\x1a\n', 'latin1');
  bytes.writeUInt32BE(4, 16);
  bytes.writeUInt32BE(3, 20);
  return bytes;
};

/** Whether a process of this id lives; one that waits to be buried by a parent that never comes does not. */
export const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
