import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { Core } from '../../app/core/core.ts';
import { type Host, startHost } from '../../app/web/host.ts';
import { startWebHost } from '../../app/web/server.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const browsers = [
  process.env.ARTIFEX_TEST_BROWSER,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

export const chromiumPath = browsers.find((path) => path !== undefined && existsSync(path));

/** Why the tests of the page are skipped, or nothing. */
export const why = chromiumPath === undefined ? 'no Chromium, Chrome or Edge was found' : '';

const pythons = [
  process.env.ARTIFEX_TEST_PYTHON,
  join(root, '.venv', 'bin', 'python'),
  join(root, '.venv', 'Scripts', 'python.exe'),
];

export const python = pythons.find((path) => path !== undefined && existsSync(path)) ?? 'python3';

export interface Place {
  readonly host: Host;
  /** A folder of its own, in which the data and the videos folder are. */
  readonly home: string;
  readonly browser: Browser;
  /** What the sidecar knows stands here, and the videos beside it. */
  readonly data: string;
  readonly videos: string;
  /** Everything the console of any page has complained about. */
  readonly complaints: string[];
  /** A fresh window, logged in. */
  visit(options?: BrowserContextOptions): Promise<Page>;
  leave(): Promise<void>;
}

/** A host over a sidecar that makes nothing and fails when it is told to. */
async function fakeHost(env: NodeJS.ProcessEnv): Promise<Host> {
  const script = join(root, 'app', 'tests', 'fakeSidecar.mjs');
  const core = new Core({ file: process.execPath, args: [script], cwd: root, env }, { backoff: 100 });
  const web = await startWebHost(core, join(root, 'app', 'dist', 'ui'), 0);
  await core.start();
  const stop = async () => void (await Promise.all([core.stop(), web.close()]));
  return { address: web.address, core, stop };
}

/**
 * A real host over a real sidecar (or, given its settings, the fake one) in a folder of its own, and a browser before
 * it; `leave` leaves nothing behind.
 */
export async function place(fake?: Readonly<Record<string, string>>): Promise<Place> {
  const home = mkdtempSync(join(tmpdir(), 'artifex-test-'));
  const [data, videos] = [join(home, 'Artifex'), join(home, 'Videos')];
  const env = { ...process.env, ARTIFEX_HOME: data, ARTIFEX_VIDEOS: videos };
  const host = await (fake ? fakeHost({ ...env, ...fake }) : startHost({ root, python, env }));
  const browser = await chromium.launch({
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
  });
  const complaints: string[] = [];
  return {
    host,
    home,
    browser,
    data,
    videos,
    complaints,
    visit: async (options = {}) => {
      const context = await browser.newContext({ locale: 'en-US', ...options });
      context.setDefaultTimeout(20_000);
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(host.address);
      await page.locator('form').waitFor();
      return page;
    },
    leave: async () => {
      await browser.close();
      await host.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
