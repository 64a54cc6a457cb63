// What set-up decides, apart from what it does: plain functions of plain facts, each with its table of tests.

/** @typedef {{ name: string, capability: number, driver: number }} Gpu */
/** @typedef {{ version: [number, number, number], bits: number, venv: boolean, gil: boolean, exe: string }} Python */

/** Why this Node will not do, or null. The newest of our tools sets the bar (Vite 8).
 * @param {string} version as in process.version */
export function nodeProblem(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (fits) return null;
  return `Node ${version.replace(/^v/, '')} is too old: Artifex needs 20.19 or newer (of 22: 22.12 or newer).
Install the LTS version from https://nodejs.org, open a new terminal and run the same command again.`;
}

/** Commands that may be a Python, best first: the person's own choice, their default, then any that fits.
 * @param {string} platform @param {Record<string, string | undefined>} env @returns {string[][]} */
export function pythonCandidates(platform, env) {
  if (env.WAN_PYTHON) return [[env.WAN_PYTHON]];
  const minors = [12, 13, 11, 14, 10];
  if (platform === 'win32') {
    return [...minors.map((minor) => ['py', `-3.${minor}`]), ['python'], ['python3']];
  }
  return [['python3'], ['python'], ...minors.map((minor) => [`python3.${minor}`])];
}

/** Why this Python will not do, or null.
 * @param {Python} found */
export function pythonProblem({ version: [major, minor], bits, venv, gil }) {
  if (major !== 3 || minor < 10 || minor > 14) return `is Python ${major}.${minor}; 3.10 to 3.14 will do`;
  if (bits !== 64) return 'is a 32-bit Python; torch needs a 64-bit one';
  if (!gil) return 'is a free-threaded build, for which not every package is made';
  if (!venv) return `cannot make environments (on Debian or Ubuntu: sudo apt install python3.${minor}-venv)`;
  return null;
}

/** What to say when no Python will do.
 * @param {string} platform @param {string[]} refused one line for each that was looked at */
export function noPython(platform, refused) {
  const way = {
    win32:
      'Install Python 3.12 (64-bit) from https://www.python.org/downloads/windows or with: winget install Python.Python.3.12',
    darwin: 'Install Python 3.12 from https://www.python.org/downloads/macos or with: brew install python@3.12',
  }[platform];
  return [
    'No Python 3.10 to 3.14 was found.',
    ...refused.map((line) => `  ${line}`),
    way ?? 'Install it with your package manager, for instance: sudo apt install python3 python3-venv',
    'Then run the same command again. If it is in an unusual place, name it: WAN_PYTHON=/path/to/python',
  ].join('\n');
}

/** The cards that nvidia-smi lists, asked as `--query-gpu=name,driver_version,compute_cap --format=csv,noheader`.
 * @param {string} csv @returns {Gpu[]} */
export function parseGpus(csv) {
  return csv.split(/\r?\n/).flatMap((line) => {
    const [capability, driver, ...name] = line
      .split(',')
      .map((cell) => cell.trim())
      .reverse();
    const gpu = {
      name: name.reverse().join(', '),
      capability: Number(capability),
      driver: Number.parseFloat(driver ?? ''),
    };
    return gpu.name && gpu.capability > 0 ? [gpu] : [];
  });
}

const DRIVER_FOR_CUDA_13 = 580;
const DRIVER_FOR_CUDA_12 = 528;

/** Which of PyTorch's indexes has the build for these cards; null: the package registry's own is the only one.
 * torch 2.12 to 2.14 come for CUDA 12.6, which reaches back to Maxwell and ends with Hopper, and CUDA 13.0,
 * Turing to Blackwell (pytorch/pytorch#178665, #197555). A build must serve every card, the newest first.
 * @param {string} platform @param {Gpu[]} gpus */
export function torchIndex(platform, gpus) {
  if (platform === 'darwin') return { index: null, gpu: null, hint: null };
  if (gpus.length === 0) return { index: 'cpu', gpu: null, hint: null };
  const newest = gpus.reduce((a, b) => (b.capability > a.capability ? b : a));
  const oldest = Math.min(...gpus.map((gpu) => gpu.capability));
  const blackwell = newest.capability >= 10;
  const modern = newest.driver >= DRIVER_FOR_CUDA_13 && oldest >= 7.5;
  const index = blackwell || modern ? 'cu130' : 'cu126';
  const needed = blackwell ? DRIVER_FOR_CUDA_13 : DRIVER_FOR_CUDA_12;
  const hint =
    newest.driver < needed
      ? `The NVIDIA driver is ${newest.driver}; ${newest.name} needs ${needed} or newer here. Update it from https://www.nvidia.com/drivers`
      : null;
  return { index, gpu: newest.name, hint };
}

/** Whether the installed torch leaves an NVIDIA card idle.
 * @param {string | null} gpu @param {string | null} cuda the CUDA version torch was built for */
export const cpuOnly = (gpu, cuda) => gpu !== null && cuda === null;

/** torch as pyproject.toml pins it.
 * @param {string} pyproject */
export function torchPin(pyproject) {
  const pin = /"torch==([\w.]+)"/.exec(pyproject)?.[1];
  if (!pin) throw new Error('pyproject.toml does not pin torch');
  return pin;
}

/** The version and CUDA version in the text of torch/version.py.
 * @param {string} text */
export function torchBuild(text) {
  return {
    version: /^__version__ = '([^']+)'/m.exec(text)?.[1] ?? '',
    cuda: /^cuda\b[^=]*= '([^']+)'/m.exec(text)?.[1] ?? null,
  };
}

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} Package */

/** Whether what npm says it installed is what the lock asks for on this machine.
 * @param {{ packages: Record<string, Package> }} lock @param {{ packages: Record<string, Package> }} installed
 * @param {string} platform @param {string} arch */
export function modulesMatch(lock, installed, platform, arch) {
  const wanted = Object.entries(lock.packages).filter(([path]) => path !== '');
  const same = wanted.every(([path, want]) => {
    const have = installed.packages[path];
    if (have) return have.version === want.version && have.integrity === want.integrity;
    if (!want.optional) return false;
    const here = want.os?.includes(platform) && want.cpu?.includes(arch) && !want.libc;
    return !here;
  });
  return same && Object.keys(installed.packages).every((path) => path in lock.packages);
}
