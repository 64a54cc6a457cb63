import { expect, test } from 'vitest';
import { sidecarCommand } from '../core/command.ts';
import { type Calls, type Platform, posix, windows } from '../core/platform.ts';

/** A system that only writes down what it is asked; its processes die of `deadly`. */
function recorded(deadly: string): { calls: Calls; said: string[] } {
  const said: string[] = [];
  let alive = true;
  const signal = (pid: number, name: string | number): boolean => {
    const heard = alive;
    if (name !== 0) said.push(`kill ${pid} ${name}`);
    if (name === deadly) alive = false;
    return heard;
  };
  const run = async (file: string, args: readonly string[]): Promise<void> => {
    said.push([file, ...args].join(' '));
  };
  return { calls: { signal, run }, said };
}

const ended = async (make: (calls: Calls) => Platform, deadly: string, lives: boolean): Promise<string[]> => {
  const { calls, said } = recorded(deadly);
  await make(calls).end(77, () => lives);
  return said;
};

test('on Windows the whole tree is ended while its root lives, and never afterwards: its number may be another’s', async () => {
  expect(await ended(windows, '', true)).toEqual(['C:\\Windows\\System32\\taskkill.exe /PID 77 /T /F']);
  expect(await ended(windows, '', false)).toEqual([]);
});

test('on Windows no console window opens, and the sidecar stays in the tree of the app', () => {
  expect(windows(recorded('').calls).options).toEqual({ detached: false, windowsHide: true });
});

test('elsewhere the whole group is asked, then ended, also when its leader is gone', async () => {
  expect(await ended(posix, 'SIGTERM', true)).toEqual(['kill -77 SIGTERM', 'kill -77 SIGKILL']);
  expect(await ended(posix, 'SIGKILL', false)).toEqual(['kill -77 SIGTERM', 'kill -77 SIGKILL']);
  expect(posix(recorded('').calls).options).toEqual({ detached: true, windowsHide: false });
});

test('the sidecar’s environment says how to speak, and carries nothing that changes how Python or Node starts', () => {
  const given = { Path: 'C:\\x', ARTIFEX_HOME: 'D:\\a', WAN_COMPILE: '1', PYTHONUTF8: '0' };
  const dangerous = { PYTHONPATH: '/x', PythonHome: '/x', PYTHONSAFEPATH: '1', PYTHONSTARTUP: 'x', PYTHONINSPECT: '1' };
  const foreign = { NODE_OPTIONS: '--inspect', NODE_PATH: '/x', ELECTRON_RUN_AS_NODE: '1' };
  const { file, args, cwd, env } = sidecarCommand('/app root', '/py', { ...given, ...dangerous, ...foreign });
  expect({ file, args, cwd }).toEqual({ file: '/py', args: ['-m', 'sidecar'], cwd: '/app root' });
  expect(env).toEqual({
    ...given,
    PYTHONUTF8: '1',
    PYTHONIOENCODING: 'utf-8',
    PYTHONUNBUFFERED: '1',
    PYTHONNOUSERSITE: '1',
    ARTIFEX_NODE: process.version,
  });
});
