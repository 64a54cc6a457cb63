import { app, type BrowserWindow, dialog } from 'electron';
import { sidecarCommand } from '../core/command.ts';
import { Core } from '../core/core.ts';
import { setUp } from '../desktop/installed.ts';
import { Leaving } from '../desktop/leaving.ts';
import { nothingYet } from '../desktop/page.ts';
import { tell } from '../desktop/parent.ts';
import { factsOf, findPlace, made } from '../desktop/place.ts';
import { ORIGIN } from '../desktop/policy.ts';
import { troubleOf } from '../desktop/trouble.ts';
import { Watch } from '../desktop/watch.ts';
import { wordsOf } from '../desktop/words.ts';
import { stopAll } from '../setup/run.mjs';
import { answerCalls } from './calls.ts';
import { guardPages, guardPermissions } from './guard.ts';
import { putMenu } from './menu.ts';
import { askToQuit, quitInOrder } from './quit.ts';
import { declareScheme, serveScheme } from './scheme.ts';
import { showJobs } from './taskbar.ts';
import { openWindow } from './window.ts';

const place = findPlace(factsOf(app));
const shown = nothingYet(place.ui);
const watch = new Watch();
const words = () => wordsOf(shown.core, app.getLocale());

app.enableSandbox();
app.setAppUserModelId('app.artifex.desktop'); // by which Windows knows whose notices and taskbar button these are
app.setPath('userData', made(place.profile) ?? app.getPath('userData'));
declareScheme();
guardPages();
// Not awaited: the app is ready only after this file has been read to its end.
if (app.requestSingleInstanceLock()) app.whenReady().then(open).catch(giveUp);
else void tell({ type: 'again' }).then(() => app.exit(0));

async function open(): Promise<void> {
  const window = openWindow(place);
  guardPermissions();
  serveScheme(shown);
  const ask = async () => !watch.running || askToQuit(window, await words());
  const stop = () => Promise.all([stopAll(), shown.core?.stop()]);
  const leaving = new Leaving({ ask, stop, quit: () => app.quit() });
  quitInOrder(window, leaving);
  await run(window).catch((error) => (leaving.begun ? undefined : giveUp(error)));
}

async function run(window: BrowserWindow): Promise<void> {
  const python = await setUp(place, shown, await words(), (address) => window.loadURL(address));
  if (python === null) return; // the window says why, or has been closed
  const core = new Core(sidecarCommand(place.root, python, process.env));
  shown.core = core;
  answerCalls(core, window);
  showJobs(core, window, watch);
  await Promise.all([core.start(), window.loadURL(`${ORIGIN}/`)]);
  putMenu(window, await words());
  await tell({ type: 'ready' });
}

async function giveUp(error: unknown): Promise<void> {
  const { message, hint } = troubleOf(error);
  if (!(await tell({ type: 'failed', message, hint }))) dialog.showErrorBox(message, hint);
  app.exit(1);
}
