import type { Command } from './life.ts';

// What would change how Python or another Node starts. The sidecar is found by its working folder, so PYTHONSAFEPATH
// would hide it; the folder is our own, and a PYTHONPATH from elsewhere could hide its modules as well.
const DROPPED = /^(PYTHON(PATH|HOME|SAFEPATH|STARTUP|INSPECT)|NODE_OPTIONS|NODE_PATH|ELECTRON_.*)$/i;

/** What the sidecar and everything it starts are told by the environment. */
export const sidecarEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !DROPPED.test(name))),
  PYTHONUTF8: '1',
  PYTHONIOENCODING: 'utf-8',
  PYTHONUNBUFFERED: '1',
  PYTHONNOUSERSITE: '1',
  ARTIFEX_NODE: process.version,
});

/** How the sidecar of the checkout, or of the installed app, in `root` is started. */
export const sidecarCommand = (root: string, python: string, env: NodeJS.ProcessEnv): Command => ({
  file: python,
  args: ['-m', 'sidecar'],
  cwd: root,
  env: sidecarEnvironment(env),
});
