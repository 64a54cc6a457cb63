import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const start = fileURLToPath(new URL('../start.mjs', import.meta.url));
const run = (...args: string[]) => spawnSync(process.execPath, [start, ...args], { encoding: 'utf8' });

test.each([['--bowser'], ['--port', 'http'], ['--port', '70000'], ['something']])(
  '%s is refused in words, with what is known',
  (...args) => {
    const { status, stderr, stdout } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain('--no-open');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
  },
);

test('--help says what can be said', () => {
  expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--port N') });
});
