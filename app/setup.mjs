// `npm run setup`, and the first thing that `npm start` and `npm test` do: everything a fresh clone lacks.
// Node's own modules only, since it runs before there are any others. Each step knows from what lies on the
// disk whether it has been done, so the second run takes milliseconds and an interrupted one goes on.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeProblem } from './setup/decide.mjs';
import { electronIsSettled, fetchElectron, noDisplay } from './setup/electron.mjs';
import { onceAtATime } from './setup/lockfile.mjs';
import { buildIsCurrent, buildScreens, installModules, modulesAreCurrent } from './setup/node.mjs';
import { installPython, pythonIsCurrent, readPython } from './setup/python.mjs';
import { SetupError } from './setup/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** What the programs that set-up runs print. */
export const logs = join(root, '.setup');

/**
 * Makes sure that everything is there; says in a line what it does.
 * @param {{ say?: (line: string) => void, dev?: boolean, repair?: boolean, desktop?: boolean }} [options]
 *   `dev`: the tools of `npm test` too. `repair`: choose and install torch anew. `desktop`: try to have Electron.
 */
export async function setup({ say = console.log, dev = false, repair = false, desktop = false } = {}) {
  const problem = nodeProblem(process.version);
  if (problem) throw new SetupError(problem);

  const work = { root, venv: join(root, '.venv'), logs, say, dev, repair, desktop };
  const done = () =>
    modulesAreCurrent(work) &&
    buildIsCurrent(work) &&
    (!desktop || electronIsSettled(work)) &&
    !repair &&
    pythonIsCurrent(work);
  await onceAtATime(work, done, () => everything(work));
  const { python, torch } = readPython(work);
  if (torch.code === 'TORCH_CPU_ONLY') {
    say(`TORCH_CPU_ONLY: this machine has an NVIDIA card (${torch.gpu}), but its torch computes on the CPU only,`);
    say("  since PyTorch's index was out of reach. To try again (some GB): npm run setup -- --repair");
  }
  return { root, python, torch };
}

/** Where things are and what is wanted. `venv`: Python's environment. `logs`: a folder for what programs print.
 * @typedef {{ root: string, venv: string, logs: string, say: (line: string) => void,
 *             dev: boolean, repair: boolean, desktop: boolean }} Work */

/** Both halves at once: Node's packages and the screens, Python and its packages.
 * @param {Work} work */
async function everything(work) {
  const started = Date.now();
  if (!modulesAreCurrent(work) || !pythonIsCurrent(work)) {
    work.say('Setting up Artifex. The first time takes some minutes; it can be stopped and run again.');
  }
  const screens = async () => {
    if (!modulesAreCurrent(work)) await installModules(work);
    await Promise.all([
      buildIsCurrent(work) || buildScreens(work),
      !work.desktop || electronIsSettled(work) || fetchElectron(work),
    ]);
  };
  const python = async () => {
    if (work.repair || !pythonIsCurrent(work)) await installPython(work);
  };
  // Should one fail, the other is let finish: it need not be done again.
  const halves = await Promise.allSettled([screens(), python()]);
  for (const half of halves) if (half.status === 'rejected') throw half.reason;
  work.say(`Set-up is complete (${Math.round((Date.now() - started) / 1000)} s).`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const flags = process.argv.slice(2);
  const unknown = flags.find((flag) => flag !== '--dev' && flag !== '--repair');
  if (unknown) {
    console.error(
      `npm run setup knows --dev (the tools of npm test) and --repair (choose torch anew), not ${unknown}.`,
    );
    process.exit(2);
  }
  try {
    const desktop = noDisplay(process.env, process.platform) === null;
    const { torch } = await setup({ dev: flags.includes('--dev'), repair: flags.includes('--repair'), desktop });
    console.log(`Ready: torch ${torch.version}. Now: npm start`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.hint ? `${error.message}\n${error.hint}` : error.message);
    process.exitCode = error.exitCode;
  }
}
