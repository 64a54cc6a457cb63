// `npm start` with something in the place of Electron's program: the built main process, a real sidecar, no window.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { root } from '../browser/place.ts';
import { below, lives } from '../browser/processes.ts';

const home = mkdtempSync(join(tmpdir(), 'artifex-test-'));
const program = join(root, 'tests', 'electron', 'fakeProgram.mjs');
let started: ChildProcess | null = null;
beforeAll(() => {
  writeFileSync(join(home, 'electron'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
});
afterEach(() => {
  started?.kill('SIGKILL');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const linux = process.platform === 'linux';
const notLinux = 'the program that stands for Electron is a shell script, and who still lives is read from /proc';

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(root, 'app', 'start.mjs'), ...args], {
    cwd: root,
    env: {
      ...process.env,
      DISPLAY: ':nowhere',
      ELECTRON_OVERRIDE_DIST_PATH: home,
      ELECTRON_RUN_AS_NODE: '1',
      ARTIFEX_HOME: join(home, 'data'),
      ...env,
    },
  });
  started = child;
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    said.out += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said.err += part;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const says = (words: RegExp) => expect.poll(() => said.out + said.err, { timeout: 170_000 }).toMatch(words);
  return { child, said, ended, says };
}

test('npm start opens the window; a second one brings it to the front; Ctrl+C leaves no process', async (context) => {
  context.skip(!linux, notLinux);
  const first = start([]);
  await first.says(/^Artifex: the window is open\.$/m);
  expect(first.said.out).not.toContain('http://');
  const family = below(first.child.pid ?? 0);
  expect(family.length).toBeGreaterThan(1); // the window and its sidecar
  const second = start([], { FAKE_ELECTRON: 'second' });
  expect(await second.ended).toBe(0);
  expect(second.said.out).toContain('Artifex is open already; its window is in front now.');
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(130);
  expect(first.said.out).toContain('before-quit');
  for (const pid of family) await expect.poll(() => lives(pid), { timeout: 5000 }).toBe(false);
});

test('should npm start be killed, the window and its sidecar follow', async (context) => {
  context.skip(!linux, notLinux);
  const first = start([]);
  await first.says(/^Artifex: the window is open\.$/m);
  const family = below(first.child.pid ?? 0);
  first.child.kill('SIGKILL');
  for (const pid of family) await expect.poll(() => lives(pid), { timeout: 5000 }).toBe(false);
});

test('where Electron does not run, one line says why and a browser takes its place', async (context) => {
  context.skip(!linux, notLinux);
  const first = start([], { FAKE_ELECTRON: 'dies', PATH: '/nowhere' });
  await first.says(/^Artifex: http:\/\/127\.0\.0\.1:\d+\/\?token=/m);
  expect(first.said.out).toMatch(
    /^The page opens in a browser, since the window could not be opened \(exit code 133: The sandbox helper.*\)\.$/m,
  );
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(143);

  const insisting = start(['--desktop'], { FAKE_ELECTRON: 'dies' });
  expect(await insisting.ended).toBe(1);
  expect(insisting.said.err).toContain('npm start -- --browser');
  expect(insisting.said.out).not.toContain('http://');
});
