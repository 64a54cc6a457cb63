import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { root } from './place.ts';
import { below, lives } from './processes.ts';

const home = mkdtempSync(join(tmpdir(), 'artifex-test-'));
let started: ChildProcess | null = null;
afterEach(() => {
  started?.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

const status = (address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    get(address, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    }).on('error', reject);
  });

test('npm start prints one address, which answers; Ctrl+C leaves no process', async (context) => {
  context.skip(process.platform !== 'linux', 'who still lives is read from /proc');
  const child = spawn(process.execPath, [join(root, 'app', 'start.mjs'), '--browser', '--no-open'], {
    cwd: root,
    env: { ...process.env, ARTIFEX_HOME: home },
  });
  started = child;
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await expect.poll(() => said, { timeout: 170_000 }).toMatch(/^Artifex: http:\/\/127\.0\.0\.1:\d+\/\?token=\S+\n/m);
  expect(said.match(/^Artifex: /gm)).toHaveLength(1);
  const address = /^Artifex: (\S+)$/m.exec(said)?.[1] ?? '';
  expect(await status(address)).toBe(303);
  expect(await status(new URL('/', address).href)).toBe(401);
  const family = below(child.pid ?? 0);
  expect(family.length).toBeGreaterThan(0);
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  for (const pid of family) await expect.poll(() => lives(pid), { timeout: 5000 }).toBe(false);
});
