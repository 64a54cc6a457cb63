// What set-up decides, as tables, and what it says when it cannot go on.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
// @ts-expect-error plain JavaScript, because it runs before there is anything that could read TypeScript
import * as count from '../check/count.mjs';
// @ts-expect-error likewise
import * as decide from '../setup/decide.mjs';
// @ts-expect-error likewise
import { excerpt } from '../setup/run.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const gpu = (capability: number, driver = 581.29, name = 'a card') => ({ name, capability, driver });

test.each([
  ['v18.20.4', false],
  ['v20.18.3', false],
  ['v20.19.0', true],
  ['v20.20.2', true],
  ['v21.7.3', false],
  ['v22.11.0', false],
  ['v22.12.0', true],
  ['v24.1.0', true],
])('Node %s will do: %s', (version, fits) => {
  expect(decide.nodeProblem(version) === null).toBe(fits);
});

describe('which Python', () => {
  const python = { version: [3, 11, 7], bits: 64, venv: true, gil: true, exe: 'python' };

  test.each([
    ['3.11', python, null],
    ['3.10, the oldest', { ...python, version: [3, 10, 0] }, null],
    ['3.14, the newest', { ...python, version: [3, 14, 2] }, null],
    ['3.9', { ...python, version: [3, 9, 18] }, /3\.9; 3\.10 to 3\.14/],
    ['3.15', { ...python, version: [3, 15, 0] }, /3\.15; 3\.10 to 3\.14/],
    ['2.7', { ...python, version: [2, 7, 18] }, /2\.7/],
    ['a 32-bit one', { ...python, bits: 32 }, /32-bit/],
    ['one without venv', { ...python, venv: false }, /apt install python3\.11-venv/],
    ['a free-threaded one', { ...python, gil: false }, /free-threaded/],
  ])('%s', (_, found, problem) => {
    if (problem) expect(decide.pythonProblem(found)).toMatch(problem);
    else expect(decide.pythonProblem(found)).toBeNull();
  });

  test('WAN_PYTHON is the only candidate where it is set', () => {
    expect(decide.pythonCandidates('linux', { WAN_PYTHON: '/opt/python' })).toEqual([['/opt/python']]);
  });

  test("the person's own default comes first, on Windows the launcher", () => {
    expect(decide.pythonCandidates('linux', {})[0]).toEqual(['python3']);
    expect(decide.pythonCandidates('win32', {})[0]).toEqual(['py', '-3.12']);
  });

  test('when none is found, each that was looked at is named, and how to get one', () => {
    const words = decide.noPython('linux', ['python3 is Python 3.9.']);
    expect(words).toContain('python3 is Python 3.9.');
    expect(words).toContain('sudo apt install python3 python3-venv');
    expect(decide.noPython('win32', [])).toContain('winget install');
  });
});

describe('which torch', () => {
  test.each([
    ['no card', 'win32', [], 'cpu'],
    ['no card', 'linux', [], 'cpu'],
    ['a Mac', 'darwin', [], null],
    ['GTX 1080 Ti', 'win32', [gpu(6.1)], 'cu126'],
    ['Tesla V100', 'linux', [gpu(7.0)], 'cu126'],
    ['RTX 2080', 'win32', [gpu(7.5)], 'cu130'],
    ['RTX 3060, older driver', 'win32', [gpu(8.6, 566.36)], 'cu126'],
    ['RTX 4090', 'win32', [gpu(8.9, 580)], 'cu130'],
    ['H100', 'linux', [gpu(9.0)], 'cu130'],
    ['H100, older driver', 'linux', [gpu(9.0, 550.54)], 'cu126'],
    ['RTX 5070', 'win32', [gpu(12.0)], 'cu130'],
    ['RTX 5070, older driver', 'win32', [gpu(12.0, 572.16)], 'cu130'],
    ['RTX 4090 beside a GTX 1080', 'win32', [gpu(8.9), gpu(6.1)], 'cu126'],
    ['RTX 5090 beside a GTX 1080', 'win32', [gpu(6.1), gpu(12.0)], 'cu130'],
  ])('%s on %s', (_, platform, gpus, index) => {
    expect(decide.torchIndex(platform, gpus).index).toBe(index);
  });

  test('a driver too old for the card is said, with the number it takes', () => {
    expect(decide.torchIndex('win32', [gpu(12.0, 572.16, 'RTX 5070')]).hint).toMatch(/572\.16; RTX 5070 needs 580/);
    expect(decide.torchIndex('win32', [gpu(8.6, 472.12)]).hint).toMatch(/528/);
    expect(decide.torchIndex('win32', [gpu(8.6, 566.36)]).hint).toBeNull();
  });

  test('nvidia-smi is read, line by line', () => {
    const csv = 'NVIDIA GeForce RTX 3060, 581.29, 8.6\r\nNVIDIA Quadro P400, 581.29, 6.1\r\n';
    expect(decide.parseGpus(csv)).toEqual([
      { name: 'NVIDIA GeForce RTX 3060', driver: 581.29, capability: 8.6 },
      { name: 'NVIDIA Quadro P400', driver: 581.29, capability: 6.1 },
    ]);
    expect(decide.parseGpus("NVIDIA-SMI has failed because it couldn't communicate with the driver\n")).toEqual([]);
  });

  test('an NVIDIA card with a CPU torch is TORCH_CPU_ONLY, anything else is not', () => {
    expect(decide.cpuOnly('RTX 3060', null)).toBe(true);
    expect(decide.cpuOnly('RTX 3060', '13.0')).toBe(false);
    expect(decide.cpuOnly(null, null)).toBe(false);
  });

  test("the build is read from torch's own version file", () => {
    const text = (version: string, cuda: string) =>
      `__all__ = ['__version__']\n__version__ = '${version}'\ndebug = False\ncuda: str | None = ${cuda}\ngit_version = 'x'\n`;
    expect(decide.torchBuild(text('2.13.0+cu130', "'13.0'"))).toEqual({ version: '2.13.0+cu130', cuda: '13.0' });
    expect(decide.torchBuild(text('2.13.0+cpu', 'None'))).toEqual({ version: '2.13.0+cpu', cuda: null });
  });

  test('pyproject.toml is the one place that pins it', () => {
    expect(decide.torchPin(readFileSync(join(root, 'pyproject.toml'), 'utf8'))).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe('whether node_modules is what the lock asks for', () => {
  const vite = { version: '8.0.0', integrity: 'sha512-a' };
  const lock = {
    packages: {
      '': {},
      'node_modules/vite': vite,
      'node_modules/for-linux': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
      'node_modules/for-mac': { version: '1.0.0', optional: true, os: ['darwin'], cpu: ['arm64'] },
    },
  };
  const linux = { version: '1.0.0' };

  test.each([
    ['all that this machine needs', { 'node_modules/vite': vite, 'node_modules/for-linux': linux }, true],
    ['one missing', { 'node_modules/for-linux': linux }, false],
    ["this system's own part missing", { 'node_modules/vite': vite }, false],
    ['another version', { 'node_modules/vite': { version: '8.0.1' }, 'node_modules/for-linux': linux }, false],
    [
      'one that the lock does not know',
      { 'node_modules/vite': vite, 'node_modules/for-linux': linux, 'node_modules/x': linux },
      false,
    ],
  ])('%s', (_, packages, match) => {
    expect(decide.modulesMatch(lock, { packages }, 'linux', 'x64')).toBe(match);
  });
});

test('of a failed program a person sees its first error, not the help after it', () => {
  const npm =
    'npm warn old\nnpm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install\nnpm error Missing: x\n';
  expect(excerpt(npm)).toBe('  | npm error `npm ci` can only install\n  | npm error Missing: x');
  expect(excerpt('Collecting a\nERROR: No matching distribution found for a\n')).toBe(
    '  | ERROR: No matching distribution found for a',
  );
});

describe('a set-up that cannot go on', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), '아티 팩스-'));
    mkdirSync(join(folder, 'app'));
    mkdirSync(join(folder, 'node_modules'));
    for (const part of ['app/setup', 'app/setup.mjs', 'pyproject.toml', 'requirements.lock', 'requirements-dev.lock']) {
      cpSync(join(root, part), join(folder, part), { recursive: true });
    }
    for (const part of ['package-lock.json', 'node_modules/.package-lock.json']) {
      writeFileSync(join(folder, part), '{"packages":{}}');
    }
    mkdirSync(join(folder, 'node_modules/vite/bin'), { recursive: true });
    writeFileSync(join(folder, 'node_modules/vite/bin/vite.js'), ''); // builds nothing, at once
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const setup = (...args: string[]) =>
    spawnSync(process.execPath, [join(folder, 'app/setup.mjs'), ...args], {
      encoding: 'utf8',
      env: { ...process.env, WAN_PYTHON: join(folder, 'no-such-python') },
    });

  test('without a Python it says which to install, leaves no stack trace and no lock behind', () => {
    for (const time of ['first', 'second']) {
      const { status, stderr, stdout } = setup();
      expect(status, time).toBe(1);
      expect(stderr).toContain('No Python 3.10 to 3.14 was found.');
      expect(stderr).toContain('no-such-python is not a Python that runs.');
      expect(stderr).not.toContain('    at ');
      expect(stdout).not.toContain('Another set-up');
    }
  });

  test('a lock that is not JSON is told apart as a failed Node step', () => {
    writeFileSync(join(folder, 'package-lock.json'), '<<<<<<< mine');
    writeFileSync(join(folder, 'package.json'), '{"name":"x"}');
    const { status, stderr } = setup();
    expect(status).toBe(1);
    expect(stderr).toContain('Node packages: failed');
    expect(stderr).toContain('git checkout package-lock.json');
  });

  test('a flag it does not know is refused with those it knows', () => {
    const { status, stderr } = setup('--hurry');
    expect(status).toBe(2);
    expect(stderr).toContain('--repair');
  });
});

describe('what the check counts', () => {
  test('each test once, a failing clean-up included, a skipped one with its reason', () => {
    const xml = `<testsuites><testsuite>
      <testcase classname="tests.test_a" name="passes[x &gt; 1]" time="0.1" />
      <testcase classname="tests.test_a" name="fails"><failure message="assert 1 == 2">trace</failure></testcase>
      <testcase classname="tests.test_a" name="leaks"></testcase>
      <testcase classname="tests.test_a" name="leaks"><error message="at teardown">trace</error></testcase>
      <testcase classname="tests.test_a" name="waits"><skipped type="pytest.skip" message="no GPU &amp; no driver">x</skipped></testcase>
    </testsuite></testsuites>`;
    expect(count.countJunit(xml)).toEqual({
      passed: 1,
      failed: 2,
      skipped: [{ name: 'tests.test_a::waits', reason: 'no GPU & no driver' }],
    });
  });

  const none = { passed: 0, failed: 0, skipped: [] };
  test.each([
    ['all passed', { ...none, passed: 3 }, 0, 0, ''],
    ['one failed', { ...none, passed: 3, failed: 1 }, 1, 1, ''],
    ['it crashed before it wrote anything', null, 139, 1, 'crashed (exit code 139)'],
    ['it ran nothing', none, 0, 1, 'ran nothing'],
    ['all passed and then it crashed', { ...none, passed: 3 }, 134, 1, 'ended with exit code 134'],
  ])('%s', (_, counts, exitCode, failed, note) => {
    expect(count.verdict(counts, exitCode)).toMatchObject({ failed, note });
  });

  test.each([
    [12, 0, 0, '12 passed, 0 failed'],
    [12, 1, 2, '12 passed, 1 failed, 2 skipped'],
  ])('%i, %i and %i are said as "%s"', (passed, failed, skipped, line) => {
    expect(count.closingLine(passed, failed, skipped)).toBe(line);
  });
});
