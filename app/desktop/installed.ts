import { join } from 'node:path';
import { setupPython } from '../setup/installed.mjs';
import { isStopped } from '../setup/run.mjs';
import type { Shown } from './page.ts';
import type { Place } from './place.ts';
import { ORIGIN } from './policy.ts';
import { SETUP } from './setupPage.ts';
import { troubleOf } from './trouble.ts';
import type { Words } from './words.ts';

/** Where Python is. An installed app makes it at its first start, while the window shows how far it is; null: the
 * window says why it could not. A checkout has been set up by npm start. */
export async function setUp(
  place: Place,
  shown: Shown,
  words: Words,
  show: (address: string) => Promise<void>,
): Promise<string | null> {
  const { root, venv } = place;
  if (venv === null) return place.python;
  const lines: string[] = [];
  const page = (over: boolean): Promise<void> => {
    shown.setup = { words: words.setup, lines, over };
    return show(`${ORIGIN}${SETUP}`);
  };
  const say = (line: string): void => {
    if (lines.push(line) === 1) void page(false);
  };
  try {
    const { python } = await setupPython({ root, venv, logs: join(place.data, 'setup'), say });
    shown.setup = null;
    return python;
  } catch (error) {
    if (isStopped()) return null; // by the person who closed the window
    const { message, hint } = troubleOf(error);
    lines.push('', message, hint);
    await page(true);
    return null;
  }
}
