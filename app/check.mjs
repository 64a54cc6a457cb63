// `npm run check`: the checkers and the fast tests, in under a minute. `npm test`: set-up, then everything.
// Ends with one line, `N passed, N failed[, N skipped]`, in which each checker counts as one test.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closingLine, countJunit, verdict } from './check/count.mjs';
import { SetupError } from './setup/run.mjs';
import { setup } from './setup.mjs';

/** @typedef {import('./check/count.mjs').Counts} Counts */
/** @typedef {{ name: string, command: string, args: string[], env?: Record<string, string>, counts?: () => Counts | null }} Runner */
/** @typedef {Counts & { runner: Runner, output: string, note: string, seconds: number }} Outcome */

const HEARTBEAT_MS = 20_000;

/** Every runner there is.
 * @param {{ python: string, root: string, folder: string, all: boolean }} where */
function runners({ python, root, folder, all }) {
  /** @param {string[]} args @returns {Runner} */
  const py = (...args) => ({ name: args.slice(0, 2).join(' '), command: python, args: ['-m', ...args] });
  /** @param {string} name @param {string} program @param {string[]} args @returns {Runner} */
  const js = (name, program, ...args) => ({
    name,
    command: process.execPath,
    args: [join(root, 'node_modules', ...program.split('/')), ...args],
  });
  /** @param {string} file @param {(text: string) => Counts} read */
  const from = (file, read) => () => (existsSync(file) ? read(readFileSync(file, 'utf8')) : null);

  const junit = join(folder, 'pytest.xml');
  const fast = all ? [] : ['-m', 'not slow and not gpu'];
  /** @param {string} name @param {string} project @returns {Runner} */
  const vitest = (name, project) => {
    const file = join(folder, `${name}.json`);
    const reporters = ['--reporter=dot', `--reporter=${join(root, 'app', 'check', 'vitest-reporter.mjs')}`];
    return {
      ...js(`vitest, ${name}`, 'vitest/vitest.mjs', 'run', '--project', project, ...reporters),
      env: { ARTIFEX_COUNTS: file },
      counts: from(file, JSON.parse),
    };
  };
  return {
    checkers: [
      { ...py('mypy'), name: 'mypy' },
      js('tsc', 'typescript/bin/tsc', '--noEmit', '--pretty', 'false'),
      js('biome', '@biomejs/biome/bin/biome', 'check', '--error-on-warnings'),
      py('ruff', 'check', '.'),
      py('ruff', 'format', '--check', '.'),
    ],
    pytest: {
      ...py('pytest', '-q', '--no-header', '--tb=short', `--junitxml=${junit}`, ...fast),
      name: all ? 'pytest' : 'pytest, the fast ones',
      counts: from(junit, countJunit),
    },
    unit: vitest('the app', '!browser'),
    browser: vitest('in a browser', 'browser'),
  };
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();

/** @param {Runner} runner @param {string} root @returns {Promise<Outcome>} */
function run(runner, root) {
  const started = Date.now();
  const seconds = () => (Date.now() - started) / 1000;
  return new Promise((resolve) => {
    const child = spawn(runner.command, runner.args, {
      cwd: root,
      env: { ...process.env, PYTHONUTF8: '1', NO_COLOR: '1', FORCE_COLOR: undefined, ...runner.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    children.add(child);
    let output = '';
    /** @param {string} chunk */
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const heartbeat = setInterval(() => {
      const last =
        output
          .trimEnd()
          .split(/[\r\n]+/)
          .at(-1) ?? '';
      console.log(`  …     ${runner.name}: ${Math.round(seconds())} s  ${last.slice(-70)}`);
    }, HEARTBEAT_MS);
    /** @param {number | null} code @param {string} [trouble] */
    const finish = (code, trouble) => {
      clearInterval(heartbeat);
      children.delete(child);
      if (trouble) output += `\n${trouble}`;
      const checked = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] };
      const found = verdict(runner.counts ? runner.counts() : checked, code);
      resolve({ ...found, runner, output, seconds: seconds() });
    };
    child.on('error', (error) => finish(null, error.message));
    child.on('close', (code, signal) => finish(code, signal ? `ended by ${signal}` : ''));
  });
}

const SHOWN = 300;

/** Output as it is shown: all of it, unless that would bury the rest.
 * @param {string} output */
function shorten(output) {
  const lines = output.trimEnd().split(/\r?\n/);
  if (lines.length <= SHOWN) return lines;
  const left = lines.length - SHOWN;
  return [...lines.slice(0, SHOWN / 2), `… ${left} lines are left out here …`, ...lines.slice(-SHOWN / 2)];
}

/** One line for each outcome, and after it the output of what failed.
 * @param {Outcome} outcome */
function report({ runner, passed, failed, skipped, note, output, seconds }) {
  const counted = runner.counts ? `  ${closingLine(passed, failed, skipped.length)}` : '';
  console.log(
    `  ${failed ? 'FAIL' : 'ok  '}  ${runner.name}${counted}${note ? `  ${note}` : ''}  (${seconds.toFixed(1)} s)`,
  );
  if (failed)
    console.log(
      `${shorten(output)
        .map((line) => `    | ${line}`)
        .join('\n')}\n`,
    );
}

/** Runs lanes of runners beside each other, each lane in its order.
 * @param {Runner[][]} lanes @param {string} root @returns {Promise<Outcome[]>} */
async function beside(lanes, root) {
  /** @type {Outcome[]} */
  const outcomes = [];
  const lane = async (/** @type {Runner[]} */ line) => {
    for (const runner of line) {
      const outcome = await run(runner, root);
      report(outcome);
      outcomes.push(outcome);
    }
  };
  await Promise.all(lanes.map(lane));
  return outcomes;
}

/** @param {boolean} all */
async function check(all) {
  const started = Date.now();
  const { python, root } = await setup({ dev: true });
  const folder = mkdtempSync(join(tmpdir(), 'artifex-check-'));
  try {
    const { checkers, pytest, unit, browser } = runners({ python, root, folder, all });
    const outcomes = all
      ? [
          ...(await beside([checkers, [unit]], root)),
          ...(await beside([[pytest]], root)), // alone, as some of its tests look at the clock
          ...(await beside([[browser]], root)),
        ]
      : await beside([[pytest], [...checkers, unit]], root);

    const flaky = outcomes.flatMap(({ output }) => output.match(/^passed the second time: .*/gm) ?? []);
    for (const line of flaky) console.log(`  ${line}`);
    const skipped = outcomes.flatMap((outcome) => outcome.skipped);
    for (const { name, reason } of skipped) console.log(`  skipped  ${name}: ${reason || 'no reason given'}`);
    const sum = (/** @type {'passed' | 'failed'} */ what) =>
      outcomes.reduce((total, outcome) => total + outcome[what], 0);
    const broken = outcomes.filter((outcome) => outcome.failed).map((outcome) => outcome.runner.name);
    if (broken.length) console.log(`\nFailed: ${broken.join(', ')}`);
    console.log(`${Math.round((Date.now() - started) / 1000)} s`);
    console.log(closingLine(sum('passed'), sum('failed'), skipped.length));
    return broken.length ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {NodeJS.Signals} signal */
function leave(signal) {
  for (const { pid } of children) {
    if (pid === undefined) continue;
    if (process.platform === 'win32') spawn('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore' });
    else process.kill(-pid, 'SIGKILL');
  }
  console.log(`Stopped (${signal}).`);
  process.exit(130);
}
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, leave);

try {
  process.exitCode = await check(process.argv.includes('--all'));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.hint ? `${error.message}\n${error.hint}` : error.message);
  console.log(closingLine(0, 1, 0));
  process.exitCode = error.exitCode;
}
