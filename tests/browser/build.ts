import { execFileSync } from 'node:child_process';
import { root } from './place.ts';

/** The page that is tested is the page that ships: built as for a person, then served. */
export default function setup(): void {
  const { NODE_ENV: _test, ...env } = process.env;
  for (const config of ['app/vite.ui.config.ts', 'app/vite.host.config.ts']) {
    const build = ['node_modules/vite/bin/vite.js', 'build', '-c', config, '--logLevel', 'error'];
    execFileSync(process.execPath, build, { cwd: root, env });
  }
}
