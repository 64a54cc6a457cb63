// The set-up of an installed app: Python's half alone, since the installer has brought the rest.
import { onceAtATime } from './lockfile.mjs';
import { installPython, pythonIsCurrent, readPython } from './python.mjs';

/**
 * Makes sure that Python and its packages are there, in `venv`; `root` has the locks.
 * @param {{ root: string, venv: string, logs: string, say: (line: string) => void }} where
 */
export async function setupPython(where) {
  const work = { ...where, dev: false, repair: false, desktop: true };
  await onceAtATime(
    work,
    () => pythonIsCurrent(work),
    () => installPython(work),
  );
  return readPython(work);
}
