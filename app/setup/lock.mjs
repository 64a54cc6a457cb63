// `npm run lock`: makes requirements.lock and requirements-dev.lock anew from pyproject.toml.
// Needs uv, installed in any way. Pins that still fit are kept; `npm run lock -- --upgrade` renews them.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param {string} title */
const policy = (title) => `# ${title}
# Made from pyproject.toml by \`npm run lock\` (which needs uv); not edited by hand. Exact pins for every
# Python and system that pyproject.toml allows, told apart by markers. Left out: torch, which pyproject.toml
# pins and whose build setup chooses for the machine, and what only its CUDA builds bring. No registry host
# and no local path stands here: pip's own settings say where packages come from.
`;

const chosenBySetup = /^(torch|triton|nvidia-[\w-]+|cuda-[\w-]+)==/;

/** The pins among what uv printed, less torch's own and the one platform that has no processes.
 * @param {string} printed */
function pins(printed) {
  return printed
    .split(/\r?\n/)
    .filter((line) => /^[a-z0-9]/i.test(line) && !chosenBySetup.test(line))
    .filter((line) => !line.includes("sys_platform == 'emscripten'"))
    .map((line) => line.replace(/ (and|;) sys_platform != 'emscripten'/, ''));
}

/** What uv makes of pyproject.toml, keeping the versions that `file` holds already.
 * @param {string} file @param {string[]} [groups] */
function compile(file, groups = []) {
  const plain = ['--no-annotate', '--no-header', '--no-emit-index-url', '--no-emit-find-links', '--quiet'];
  const what = ['--universal', '--python-version', '3.10', ...groups, '--output-file', file];
  execFileSync('uv', ['pip', 'compile', 'pyproject.toml', ...what, ...plain], { cwd: root, stdio: 'inherit' });
  return pins(readFileSync(file, 'utf8'));
}

const work = mkdtempSync(join(tmpdir(), 'artifex-lock-'));
try {
  const [all, some] = [join(work, 'all.txt'), join(work, 'some.txt')];
  if (!process.argv.includes('--upgrade')) {
    const old = ['requirements.lock', 'requirements-dev.lock'].map((name) => join(root, name));
    writeFileSync(all, old.map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')).join('\n'));
  }
  const everything = compile(all, ['--group', 'dev']);
  copyFileSync(all, some); // the two locks agree, because the second starts from the first
  const needed = compile(some);
  const extra = everything.filter((line) => !needed.includes(line));
  writeFileSync(join(root, 'requirements.lock'), `${policy('What Artifex runs with.')}${needed.join('\n')}\n`);
  writeFileSync(
    join(root, 'requirements-dev.lock'),
    `${policy('What its tests and checks add to requirements.lock.')}${extra.join('\n')}\n`,
  );
  console.log(`requirements.lock: ${needed.length} pins; requirements-dev.lock: ${extra.length} more`);
} finally {
  rmSync(work, { recursive: true });
}
