// `npm start`: makes sure everything is there, starts the host, prints the one line to open. Node's own modules only.
import { parseArgs } from 'node:util';

const HELP = `npm start -- [--browser] [--no-open] [--port N]
  --browser   serve the page to a browser (until the desktop window exists, this is also the default)
  --no-open   print the address and open nothing
  --port N    the port of the page (default: any free one)`;

/** The options, or an error in words. */
function read(args) {
  const { values } = parseArgs({
    args,
    options: {
      browser: { type: 'boolean', default: false },
      'no-open': { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--port ${values.port}: a port is a whole number from 0 (any free one) to 65535.`);
  }
  return { browser: values.browser, open: !values['no-open'], port, help: values.help };
}

/** Which window to use. Electron's comes in Step 2 and is chosen here, unless `--browser` was asked for. */
async function startWindow(options, place) {
  const { startHost, openPage } = await import(new URL('./dist/host.mjs', import.meta.url).href);
  const host = await startHost({ ...place, port: options.port });
  console.log(`Artifex: ${host.address}`);
  if (options.open) openPage(host.address);
  return host;
}

async function main() {
  let options;
  try {
    options = read(process.argv.slice(2));
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  let host = null;
  let leaving = false;
  const leave = (code) => {
    if (leaving) return;
    leaving = true;
    // Whatever happens, not longer than a moment.
    setTimeout(() => process.exit(code), 1500).unref();
    Promise.resolve(host?.stop()).finally(() => process.exit(code));
  };
  process.once('SIGINT', () => leave(130));
  process.once('SIGTERM', () => leave(143));
  process.once('SIGHUP', () => leave(129));
  try {
    const { setup } = await import('./setup.mjs');
    const place = await setup({ say: (words) => console.log(words) });
    host = await startWindow(options, place);
    if (leaving) await host.stop();
    return null;
  } catch (error) {
    const { message, hint } = error.failure ?? error;
    console.error(`Artifex could not start: ${message}${hint ? `\n${hint}` : ''}`);
    if (process.env.ARTIFEX_DEBUG) console.error(error);
    return 1;
  }
}

const code = await main();
if (code !== null) process.exit(code);
