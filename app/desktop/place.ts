import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** What Electron and the environment say of where we are. */
export interface Facts {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Where package.json and app/dist lie: the checkout, or the archive of an installed app. */
  readonly app: string;
  /** Where an installed app has what cannot live in an archive: Python code and the shipped model. */
  readonly resources: string;
  readonly installed: boolean;
}

/** The facts of this process; `app` is Electron's. */
export const factsOf = (app: { getAppPath(): string; readonly isPackaged: boolean }): Facts => ({
  platform: process.platform,
  env: process.env,
  home: homedir(),
  app: app.getAppPath(),
  resources: 'resourcesPath' in process ? String(process.resourcesPath) : '',
  installed: app.isPackaged,
});

export interface Place {
  /** The sidecar is started here. */
  readonly root: string;
  /** The built page. */
  readonly ui: string;
  /** Everything a person owns but the videos; the same folder that the sidecar chooses. */
  readonly data: string;
  /** Chromium's own files: caches and such. */
  readonly profile: string;
  /** Where the window was. */
  readonly windowFile: string;
  /** Python's environment, where it is ours to make; null in a checkout, which npm start has set up. */
  readonly venv: string | null;
  /** The interpreter that npm start has chosen; null in an installed app. */
  readonly python: string | null;
}

/** The data folder, by the rule of the sidecar's `data_folder`. */
export function dataFolder({ platform, env, home }: Pick<Facts, 'platform' | 'env' | 'home'>): string {
  const { join, resolve } = platform === 'win32' ? win32 : posix;
  if (env.ARTIFEX_HOME) return resolve(env.ARTIFEX_HOME);
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'Artifex');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Artifex');
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'artifex');
}

/** A folder that is there, since Electron takes no other; null where it cannot be made, which the sidecar says in words. */
export function made(folder: string): string | null {
  try {
    mkdirSync(folder, { recursive: true });
    return folder;
  } catch {
    return null;
  }
}

/** Where everything is, in a checkout and in an installed app. */
export function findPlace(facts: Facts): Place {
  const { join } = facts.platform === 'win32' ? win32 : posix;
  const data = dataFolder(facts);
  const all = {
    ui: join(facts.app, 'app', 'dist', 'ui'),
    data,
    profile: join(data, 'desktop'),
    windowFile: join(data, 'window.json'),
  };
  if (facts.installed) {
    return { ...all, root: join(facts.resources, 'engine'), venv: `${data}-python`, python: null };
  }
  const python = facts.env.ARTIFEX_PYTHON;
  if (!python) throw new Error('The window is opened by npm start, which says where Python is (ARTIFEX_PYTHON).');
  return { ...all, root: facts.app, venv: null, python };
}
