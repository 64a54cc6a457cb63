// Node's half of set-up: the packages of package-lock.json, then the screens and the host that Vite makes.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { modulesMatch } from './decide.mjs';
import { run, SetupError } from './run.mjs';

/** @typedef {import('../setup.mjs').Work} Work */

/** Whether node_modules is what package-lock.json asks for; npm's own record says, written when it is done.
 * @param {Pick<Work, 'root'>} work */
export function modulesAreCurrent({ root }) {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  try {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const installed = JSON.parse(readFileSync(record, 'utf8'));
    if (!modulesMatch(lock, installed, process.platform, process.arch)) return false;
    return Object.keys(installed.packages).every((path) => existsSync(join(root, path)));
  } catch {
    return false; // not JSON: npm will say what is wrong with it
  }
}

/** npm's own program: npm.cmd cannot be started without a shell on Windows, its JavaScript can everywhere. */
function npmProgram() {
  const node = dirname(process.execPath);
  const asked = process.env.npm_execpath ?? '';
  const places = [
    asked.endsWith('npm-cli.js') ? asked : '',
    join(node, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(node, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'npm')),
  ];
  const found = places.filter((place) => place && existsSync(place)).map((place) => realpathSync(place));
  const program = found.find((place) => place.endsWith('npm-cli.js'));
  if (program) return program;
  throw new SetupError('npm was not found.', 'Install Node from https://nodejs.org; npm comes with it.');
}

/** @param {Work} work */
export async function installModules({ root, logs, say }) {
  const started = Date.now();
  say('Node packages: installing.');
  await run({
    what: 'Node packages',
    command: process.execPath,
    // whatever the person's npm leaves out by default, the screens cannot be built without it
    args: [npmProgram(), 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--prefer-offline'],
    cwd: root,
    log: join(logs, 'npm.log'),
    say,
    hint: 'Check the network and run the same command again. If package-lock.json was changed: git checkout package-lock.json',
  });
  say(`Node packages: done (${Math.round((Date.now() - started) / 1000)} s).`);
}

const builds = ['ui', 'host', 'main', 'preload'].map((part) => `app/vite.${part}.config.ts`);
const notBuilt = new Set(['dist', 'tests', 'packaging', 'check', 'start', 'setup.mjs', 'check.mjs', 'start.mjs']);

/** A digest of everything that goes into the screens and the host.
 * @param {string} root */
function buildInputs(root) {
  const digest = createHash('sha256');
  /** @param {string} path */
  const add = (path) =>
    digest
      .update(`${path}\n`)
      .update(readFileSync(join(root, path)))
      .update('\n');
  /** @param {string} folder */
  const walk = (folder) => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${folder}/${entry.name}`;
      if (folder === 'app' && notBuilt.has(entry.name)) continue;
      if (entry.isDirectory()) walk(path);
      else add(path);
    }
  };
  add('package-lock.json');
  walk('app');
  return digest.digest('hex');
}

/** @param {string} root */
const buildRecord = (root) => join(root, 'app', 'dist', 'made-from.txt');

/** Whether app/dist was made from what app/ holds now.
 * @param {Pick<Work, 'root'>} work */
export function buildIsCurrent({ root }) {
  const record = buildRecord(root);
  return existsSync(record) && readFileSync(record, 'utf8') === buildInputs(root);
}

/** @param {Work} work */
export async function buildScreens({ root, logs, say }) {
  const started = Date.now();
  const inputs = buildInputs(root); // before, so that a change meanwhile is built the next time
  say('Screens: building.');
  for (const config of builds) {
    await run({
      what: 'Screens',
      command: process.execPath,
      args: [join('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', config],
      cwd: root,
      log: join(logs, 'build.log'),
      say,
      hint: 'If you changed something under app/, the lines above say where it does not build.',
    });
  }
  mkdirSync(join(root, 'app', 'dist'), { recursive: true });
  writeFileSync(buildRecord(root), inputs);
  say(`Screens: done (${Math.round((Date.now() - started) / 1000)} s).`);
}
