import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { python, root } from './place.ts';

const run = (file: string, ...args: string[]): void => {
  const { NODE_ENV: _test, ...env } = process.env;
  execFileSync(file, args, { cwd: root, env });
};

/** The page that is tested is the page that ships: built as for a person, then served. */
export default function setup(): () => void {
  for (const config of ['app/vite.ui.config.ts', 'app/vite.host.config.ts']) {
    run(process.execPath, 'node_modules/vite/bin/vite.js', 'build', '-c', config, '--logLevel', 'error');
  }
  if (existsSync(join(root, 'models', 'wan-mini', 'config.json'))) return () => {};
  // A checkout without the shipped model makes do with random weights.
  const folder = mkdtempSync(join(tmpdir(), 'artifex-test-'));
  const make =
    'import sys, pathlib; from tests.tiny import make_checkpoint; make_checkpoint(pathlib.Path(sys.argv[1]))';
  run(python, '-c', make, join(folder, 'wan-tiny'));
  process.env.ARTIFEX_MODELS = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
