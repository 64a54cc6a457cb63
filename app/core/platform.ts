import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a process and everything it starts is begun and ended: all that differs between the systems. */
export interface Platform {
  readonly options: { readonly detached: boolean; readonly windowsHide: boolean };
  /** Ends them at once; `lives` says whether the first of them still does. */
  end(pid: number, lives: () => boolean): Promise<void>;
}

/** What is asked of the system. */
export interface Calls {
  /** False if nobody was there to get it. */
  signal(pid: number, name: NodeJS.Signals | 0): boolean;
  run(file: string, args: readonly string[]): Promise<void>;
}

const GRACE = 200;

/** A group of its own, so that the engine and ffmpeg can be ended with it, whoever leads them by then. */
export const posix = (calls: Calls): Platform => ({
  options: { detached: true, windowsHide: false },
  end: async (pid) => {
    calls.signal(-pid, 'SIGTERM');
    for (let waited = 0; waited < GRACE && calls.signal(-pid, 0); waited += 20) await sleep(20);
    calls.signal(-pid, 'SIGKILL');
  },
});

/** No group here: a detached child would open a console window, and a tree can only be walked while its root lives. */
export const windows = (calls: Calls, systemRoot = 'C:\\Windows'): Platform => ({
  options: { detached: false, windowsHide: true },
  end: async (pid, lives) => {
    if (lives()) await calls.run(`${systemRoot}\\System32\\taskkill.exe`, ['/PID', String(pid), '/T', '/F']);
  },
});

const real: Calls = {
  signal: (pid, name) => {
    try {
      return process.kill(pid, name);
    } catch {
      return false;
    }
  },
  run: (file, args) => new Promise((done) => execFile(file, [...args], { windowsHide: true }, () => done())),
};

export const here: Platform = process.platform === 'win32' ? windows(real, process.env.SystemRoot) : posix(real);
