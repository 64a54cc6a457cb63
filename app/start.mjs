// `npm start`: makes sure everything is there and opens the window, or else the page in a browser. Node's own modules only.
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { electronProgram, failureFile, noDisplay, recentFailure } from './setup/electron.mjs';
import { SetupError } from './setup/run.mjs';
import { logs, setup } from './setup.mjs';
import { startDesktop } from './start/desktop.mjs';

const HELP = `npm start -- [--desktop | --browser] [--no-open] [--port N]
  --desktop   open the window, or say why that is not possible (otherwise a browser takes its place);
              tries again to fetch Electron where that has failed
  --browser   serve the page to a browser
  --no-open   serve the page to a browser, print its address and open nothing
  --port N    serve the page to a browser, on this port (default: any free one)`;

/** @typedef {{ desktop: boolean, browser: boolean, open: boolean, port: number, help: boolean }} Options */
/** What there is to stop, and what to wait for; null: nothing ends by itself.
 * @typedef {{ stop(): Promise<void>, ended: Promise<string | null> | null }} Running */

/** The options, or an error in words.
 * @param {string[]} args @returns {Options} */
function read(args) {
  const { values } = parseArgs({
    args,
    options: {
      desktop: { type: 'boolean', default: false },
      browser: { type: 'boolean', default: false },
      'no-open': { type: 'boolean', default: false },
      port: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--port ${values.port}: a port is a whole number from 0 (any free one) to 65535.`);
  }
  const browser = values.browser || values['no-open'] || values.port !== undefined;
  if (browser && values.desktop) throw new Error('--desktop opens no page in a browser; leave the other options out.');
  return { desktop: values.desktop, browser, open: !values['no-open'], port, help: values.help };
}

/** Opens the window, or says why it cannot be opened.
 * @param {{ root: string, python: string }} place @returns {Promise<Running | string>} */
async function openWindow({ root, python }) {
  const program = electronProgram(root);
  if (!program) return recentFailure(logs) ?? 'Electron is not there';
  const desktop = startDesktop({ program, root, python });
  running = desktop;
  const news = await desktop.first;
  if (leaving) return desktop;
  if (news.type === 'died') return `the window could not be opened (${news.why})`;
  if (news.type === 'failed') {
    await desktop.ended;
    throw new SetupError(news.message, news.hint);
  }
  console.log(
    news.type === 'again' ? 'Artifex is open already; its window is in front now.' : 'Artifex: the window is open.',
  );
  return desktop;
}

/** @param {Options} options @param {{ root: string, python: string }} place @returns {Promise<Running>} */
async function openBrowser(options, place) {
  const { startHost, openPage } = await import(new URL('./dist/host.mjs', import.meta.url).href);
  const host = await startHost({ ...place, port: options.port });
  console.log(`Artifex: ${host.address}`);
  if (options.open) openPage(host.address);
  return { stop: host.stop, ended: null };
}

/** @param {Options} options @returns {Promise<Running>} */
async function open(options) {
  const noScreen = noDisplay(process.env, process.platform);
  if (options.desktop && noScreen) throw new SetupError(`${noScreen}.`, 'npm start -- --browser works without one.');
  if (options.desktop) rmSync(failureFile(logs), { force: true });
  const place = await setup({ desktop: !options.browser && !noScreen });
  if (options.browser) return openBrowser(options, place);
  const window = noScreen ?? (await openWindow(place));
  if (typeof window !== 'string') return window;
  if (options.desktop)
    throw new SetupError(`${window}.`, 'npm start -- --browser opens the page in a browser instead.');
  console.log(`The page opens in a browser, since ${window}.`);
  return openBrowser(options, place);
}

/** @type {Running | null} */
let running = null;
let leaving = false;

/** @param {number} code */
function leave(code) {
  if (leaving) return;
  leaving = true;
  setTimeout(() => process.exit(code), 4000).unref(); // whatever happens, not longer than a moment
  Promise.resolve(running?.stop()).finally(() => process.exit(code));
}

/** The exit code, or null while something runs that does not end by itself. */
async function main() {
  let options;
  try {
    options = read(process.argv.slice(2));
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  process.once('SIGINT', () => leave(130));
  process.once('SIGTERM', () => leave(143));
  process.once('SIGHUP', () => leave(129));
  try {
    running = await open(options);
    if (leaving) await running.stop();
    if (running.ended === null) return null;
    const how = await running.ended;
    if (how !== null && !leaving) console.error(`The window ended unexpectedly (${how}).`);
    return leaving ? null : how === null ? 0 : 1;
  } catch (error) {
    if (leaving) return null;
    const { message, hint } = error.failure ?? error;
    console.error(`Artifex could not start: ${message}${hint ? `\n${hint}` : ''}`);
    if (process.env.ARTIFEX_DEBUG) console.error(error);
    return error.exitCode ?? 1;
  }
}

const code = await main();
if (code !== null) process.exit(code);
