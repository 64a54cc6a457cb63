// Python's half of set-up: an environment in .venv, the pinned packages, and the torch that fits the machine.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cpuOnly,
  noPython,
  parseGpus,
  pythonCandidates,
  pythonProblem,
  torchBuild,
  torchIndex,
  torchPin,
} from './decide.mjs';
import { run, SetupError } from './run.mjs';

/** @typedef {import('../setup.mjs').Work} Work */
/** @typedef {{ pin: string, version: string, cuda: string | null, gpu: string | null, code: 'TORCH_CPU_ONLY' | null }} Torch */
/** What the environment's artifex.json remembers. `works`: torch was seen to start. `busy`: an installation was under way; if nobody is at it, it was cut off.
 * @typedef {{ python: string, needed?: string | undefined, dev?: string | undefined, torch?: Torch, works?: boolean, busy?: boolean }} Record_ */

const windows = process.platform === 'win32';
const PYTORCH = 'https://download.pytorch.org/whl';
const GIB = 2 ** 30;
const ROOM = 3 * GIB; // 1.3 GiB with a CPU torch; a CUDA one is told apart below
const ROOM_CUDA = 9 * GIB;

/** @param {string} venv */
const interpreter = (venv) => join(venv, ...(windows ? ['Scripts', 'python.exe'] : ['bin', 'python']));
/** @param {string} venv */
const recordFile = (venv) => join(venv, 'artifex.json');

/** @param {string} venv @returns {Record_ | null} */
function readRecord(venv) {
  try {
    return JSON.parse(readFileSync(recordFile(venv), 'utf8'));
  } catch {
    return null;
  }
}

/** @param {string} venv @param {Record_} record */
function writeRecord(venv, record) {
  writeFileSync(`${recordFile(venv)}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${recordFile(venv)}.new`, recordFile(venv));
}

/** @param {string} root @param {string} name */
const digest = (root, name) =>
  createHash('sha256')
    .update(readFileSync(join(root, name)))
    .digest('hex');

/** Whether the environment stands and the Python it was made with is still there.
 * @param {string} venv */
function stands(venv) {
  if (!existsSync(interpreter(venv))) return false; // on POSIX a link: false too when its Python has gone
  try {
    const base = /^home\s*=\s*(.+?)\s*$/m.exec(readFileSync(join(venv, 'pyvenv.cfg'), 'utf8'))?.[1];
    return base !== undefined && existsSync(base);
  } catch {
    return false;
  }
}

/** Whether nothing is left to do.
 * @param {Pick<Work, 'root' | 'venv' | 'dev'>} work */
export function pythonIsCurrent({ root, venv, dev }) {
  const record = readRecord(venv);
  if (!record?.works || record.busy || !stands(venv)) return false;
  if (record.needed !== digest(root, 'requirements.lock')) return false;
  if (dev && record.dev !== digest(root, 'requirements-dev.lock')) return false;
  return record.torch?.pin === torchPin(readFileSync(join(root, 'pyproject.toml'), 'utf8'));
}

/** Where Python is, and which torch it has.
 * @param {Pick<Work, 'venv'>} work */
export function readPython({ venv }) {
  const record = readRecord(venv);
  if (!record?.torch) throw new SetupError(`${venv} is not complete.`, 'Run the same command again.');
  return { python: interpreter(venv), torch: record.torch };
}

/** @param {Work} work */
export async function installPython(work) {
  const { root, venv, say, dev, repair } = work;
  const uv = await findUv();
  const record = await environment(work, uv);
  const tool = { work, uv };

  const needed = digest(root, 'requirements.lock');
  const extra = dev || record.dev ? digest(root, 'requirements-dev.lock') : undefined;
  if (record.needed !== needed || record.dev !== extra) {
    writeRecord(venv, { ...record, busy: true });
    const started = Date.now();
    say(`Python packages: installing${extra ? ', with the tools of npm test' : ''}.`);
    const files = ['requirements.lock', ...(extra ? ['requirements-dev.lock'] : [])];
    await install(
      tool,
      record,
      'Python packages',
      files.flatMap((file) => ['-r', file]),
    );
    say(`Python packages: done (${Math.round((Date.now() - started) / 1000)} s).`);
    Object.assign(record, { needed, dev: extra, works: record.works === true && record.needed === needed });
    writeRecord(venv, record);
  }

  const pin = torchPin(readFileSync(join(root, 'pyproject.toml'), 'utf8'));
  if (repair || record.torch?.pin !== pin) {
    record.torch = await torch(tool, record, pin);
    record.works = false;
    writeRecord(venv, record);
  }
  if (!record.works) await firstImport(work);
  writeRecord(venv, { ...record, works: true });
}

/** Imports what the engine needs, once. It shows that torch can start here, and leaves the bytecode of what is
 * really used: pip would compile all 10,000 files, which takes three times as long.
 * @param {Work} work */
async function firstImport({ root, venv, logs, say }) {
  const started = Date.now();
  say('torch: starting it for the first time.');
  const libraries = 'import torch, safetensors.torch, PIL.Image, imageio_ffmpeg, msgspec, ftfy';
  const redistributable = 'Install https://aka.ms/vs/17/release/vc_redist.x64.exe and run the same command again. ';
  await run({
    what: 'torch',
    command: interpreter(venv),
    args: ['-I', '-c', `${libraries}; from transformers import UMT5EncoderModel, T5TokenizerFast`],
    cwd: root,
    log: join(logs, 'python.log'),
    say,
    hint: `${windows ? redistributable : ''}If this stays so, delete ${venv} and start again.`,
  });
  say(`torch: starts (${Math.round((Date.now() - started) / 1000)} s).`);
}

/** The environment as it stands, or a new one.
 * @param {Work} work @param {boolean} uv @returns {Promise<Record_>} */
async function environment({ root, venv, logs, say }, uv) {
  const record = readRecord(venv);
  if (record?.busy) say('.venv: the last installation was cut off; making it anew.');
  if (stands(venv) && !record?.busy) {
    const found = await probe([interpreter(venv)]);
    const usable = found && !pythonProblem({ ...found, venv: true });
    const version = found?.version.join('.');
    if (usable && version && (await hasPip(venv))) return record?.python === version ? record : { python: version };
    say('.venv: not usable as it is; making it anew.');
  }
  removeVenv(venv);

  const job = { cwd: root, log: join(logs, 'python.log'), say, what: '.venv' };
  const python = await findPython(uv);
  say(`.venv: making it with Python ${python.version.join('.')} (${python.exe}).`);
  const hint = 'If that Python is broken, name another one: WAN_PYTHON=/path/to/python';
  // --seed: pip is wanted too, since its settings may know places that uv does not look at
  if (uv) await run({ ...job, command: 'uv', args: ['venv', '--seed', '--python', python.exe, venv], hint });
  else await run({ ...job, command: python.exe, args: ['-m', 'venv', venv], hint });
  const fresh = { python: python.version.join('.') };
  writeRecord(venv, fresh);
  return fresh;
}

/** @param {string} venv */
function removeVenv(venv) {
  try {
    rmSync(venv, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw new SetupError(
      `${venv} cannot be replaced (${/** @type {Error} */ (error).message}).`,
      'Close every program that runs from it (Artifex itself, an editor), then run the same command again.',
    );
  }
}

/** Installs with uv or pip. Should it fail, what was there stays usable; should it be cut off, `busy` stays.
 * @param {{ work: Work, uv: boolean }} tool @param {Record_} record @param {string} what @param {string[]} args */
async function install({ work, uv }, record, what, args) {
  const { root, venv, logs, say } = work;
  const command = uv ? 'uv' : interpreter(venv);
  const pip = uv
    ? ['pip', 'install', '--python', interpreter(venv)]
    : ['-m', 'pip', 'install', '--no-input', '--no-compile', '--disable-pip-version-check', '--progress-bar', 'off'];
  const hint = 'Check the network and the free disk space, and run the same command again: what was fetched is kept.';
  try {
    await run({ what, command, args: [...pip, ...args], cwd: root, log: join(logs, 'python.log'), say, hint });
  } catch (error) {
    if (error instanceof SetupError && error.exitCode !== 130) writeRecord(venv, { ...record, busy: false });
    throw error;
  }
}

/** The torch that fits: an index of PyTorch's, or the registry's own build.
 * @param {{ work: Work, uv: boolean }} tool @param {Record_} record @param {string} pin @returns {Promise<Torch>} */
async function torch(tool, record, pin) {
  const { venv, say, repair } = tool.work;
  const here = installedTorch(venv, record.python);
  const choice = torchIndex(process.platform, await gpus());
  if (choice.hint) say(choice.hint);
  const right = here?.version.split('+')[0] === pin && !(repair && cpuOnly(choice.gpu, here.cuda));
  if (!right) {
    const reached = choice.index !== null && (await reachable(`${PYTORCH}/${choice.index}/torch/`));
    const from = reached ? `PyTorch's ${choice.index} index` : 'the package registry';
    roomFor(venv, choice.gpu ? ROOM_CUDA : ROOM);
    writeRecord(venv, { ...record, busy: true });
    const started = Date.now();
    say(`torch ${pin}: installing from ${from}${choice.gpu ? `, for ${choice.gpu}` : ''}.`);
    const wanted = `torch==${pin}`;
    if (reached) {
      const index = ['--index-url', `${PYTORCH}/${choice.index}`];
      // the build changes while the version stays, so it has to be forced; then whatever else that build needs
      await install(tool, record, 'torch', ['--force-reinstall', '--no-deps', wanted, ...index]);
      await install(tool, record, 'torch', [wanted, ...index]);
    } else {
      await install({ ...tool, uv: false }, record, 'torch', [wanted]);
    }
    say(`torch ${pin}: done (${Math.round((Date.now() - started) / 1000)} s).`);
  }
  const build = installedTorch(venv, record.python);
  if (!build) throw new SetupError('torch is not where it was installed.', `Delete ${venv} and start again.`);
  return { pin, ...build, gpu: choice.gpu, code: cpuOnly(choice.gpu, build.cuda) ? 'TORCH_CPU_ONLY' : null };
}

/** @param {string} venv @param {string} version of Python */
function installedTorch(venv, version) {
  const minor = version.split('.').slice(0, 2).join('.');
  const packages = windows ? ['Lib', 'site-packages'] : ['lib', `python${minor}`, 'site-packages'];
  const file = join(venv, ...packages, 'torch', 'version.py');
  return existsSync(file) ? torchBuild(readFileSync(file, 'utf8')) : null;
}

/** @param {string} venv @param {number} bytes */
function roomFor(venv, bytes) {
  const { bavail, bsize } = statfsSync(venv);
  if (bavail * bsize >= bytes) return;
  const [need, free] = [bytes, bavail * bsize].map((count) => (count / GIB).toFixed(1));
  throw new SetupError(
    `torch needs about ${need} GiB of disk while it is installed; ${free} GiB are free.`,
    'Free some space, or move this folder to a larger drive, and run the same command again.',
  );
}

/** Whether an address answers. Behind a proxy only pip knows the way, so there it is left to pip.
 * @param {string} address */
async function reachable(address) {
  if (process.env.HTTPS_PROXY || process.env.https_proxy || process.env.PIP_PROXY) return true;
  try {
    return (await fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

/** Runs a program for its output; null when it cannot be had.
 * @param {string} command @param {string[]} args @returns {Promise<string | null>} */
function ask(command, args) {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 30_000, windowsHide: true }, (error, stdout) => resolve(error ? null : stdout));
  });
}

/** The NVIDIA cards of this machine. */
async function gpus() {
  const query = ['--query-gpu=name,driver_version,compute_cap', '--format=csv,noheader'];
  const system = join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'nvidia-smi.exe');
  const csv = (await ask('nvidia-smi', query)) ?? (windows ? await ask(system, query) : null);
  return csv === null ? [] : parseGpus(csv);
}

const findUv = async () => (await ask('uv', ['--version'])) !== null;

/** @param {string} venv */
const hasPip = async (venv) => (await ask(interpreter(venv), ['-I', '-c', 'import pip'])) !== null;

const QUESTION = `
import importlib.util, json, struct, sys, sysconfig
print(json.dumps({
    "version": sys.version_info[:3], "bits": struct.calcsize("P") * 8, "exe": sys.executable,
    "venv": all(map(importlib.util.find_spec, ("venv", "ensurepip"))),
    "gil": not sysconfig.get_config_var("Py_GIL_DISABLED"),
}))`;

/** What a command that may be a Python says of itself.
 * @param {string[]} command @returns {Promise<import('./decide.mjs').Python | null>} */
async function probe([command = '', ...args]) {
  const answer = await ask(command, [...args, '-I', '-c', QUESTION]);
  try {
    return answer && JSON.parse(answer);
  } catch {
    return null;
  }
}

/** The first Python that will do.
 * @param {boolean} uv */
async function findPython(uv) {
  const refused = [];
  for (const command of pythonCandidates(process.platform, process.env)) {
    const found = await probe(command);
    const problem = found && pythonProblem(uv ? { ...found, venv: true } : found);
    if (found && !problem) return found;
    if (found) refused.push(`${command.join(' ')} (${found.exe}) ${problem}.`);
    else if (process.env.WAN_PYTHON) refused.push(`WAN_PYTHON=${command.join(' ')} is not a Python that runs.`);
  }
  throw new SetupError(noPython(process.platform, refused), '');
}
