// A sidecar without Python, for tests of what stands in front of it: it speaks the wire and makes nothing.
// Settings: FAKE_STEP_MS: pace of a job. FAKE_VIDEO: the file every job “makes”. FAKE_DEAF: ignores the end of stdin and
// SIGTERM, and has a child that does so, too, and holds its pipes. FAKE_BROKEN: leaves at once. FAKE_SLOW_START: says hello only after so many milliseconds, in which it talks.
// FAKE_MUTE: never says hello, nor anything. FAKE_BUSY: refuses to say hello. FAKE_FLOOD: how many lines a flood has.
// FAKE_HEAVY: how many more bytes its news have. FAKE_NEGATIVE: the negative prompt its model uses when none is given.
// 99 steps are too many for its card. Prompts: FAIL fails the job, FLOOD says 50,000 lines at once, CRASH ends this process, HANG holds it up for ever.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const home = process.env.ARTIFEX_HOME;
const pace = Number(process.env.FAKE_STEP_MS ?? 5);
mkdirSync(join(home, 'inputs'), { recursive: true });

let seq = 0;
const jobs = [];
const media = new Map();
const mini = {
  id: 'wan-mini',
  name: 'Wan mini',
  kind: 'ti2v',
  shipped: true,
  state: 'ready',
  note: { en: 'Small.', ko: '작습니다.' },
  path: '/must/not/be/seen',
  defaults: {
    width: 320,
    height: 192,
    frames: 25,
    fps: 12,
    steps: 20,
    guidance: 3,
    shift: 3,
    solver: 'unipc',
    negative_prompt: process.env.FAKE_NEGATIVE ?? '',
  },
  multiple: 32,
  sizes: [
    [320, 192],
    [192, 320],
    [256, 256],
  ],
  max_frames: 49,
  min_side: 64,
  max_side: 512,
  images: true,
};
const models = [mini];
const preferences = { language: null, theme: null, vram_gib: null, contrast: null, notices: null, greeted: null };
let videos = home;

const say = (line) => process.stdout.write(`${line}\n`);
const log = (text) => process.stderr.write(`[2026-01-02 03:04:05,678] ${text}\n`);
const reply = (id, op, fields) => say(`[reply] ${JSON.stringify({ id, op, ...fields })}`);
const refuse = (id, code, message, hint = null, field = null, name = null, values = {}) =>
  say(`[reply] ${JSON.stringify({ id, code, message, hint, field, case: name, values })}`);

const lineOf = (job, extra = {}) => {
  const { request: _request, created: _created, ...face } = job;
  return `[progress] ${JSON.stringify({ seq: ++seq, ...face, ...extra })}\n`;
};
const tell = (job, extra) => process.stdout.write(lineOf(job, extra));

const PHASES = [
  ['load', 2],
  ['text', 1],
  ['denoise', 20],
  ['decode', 4],
  ['write', 1],
];

/** Everything at once: as many log lines as asked for, and news of the job among them. */
function flood(job) {
  const lines = Number(process.env.FAKE_FLOOD ?? 50_000);
  const heavy = 'x'.repeat(Number(process.env.FAKE_HEAVY ?? 0));
  const news = [];
  const words = [];
  for (let line = 1; line <= lines; line++) {
    words.push(`[2026-01-02 03:04:05,678] INFO: line ${line} of ${lines} 홍수 🌊\n`);
    if (line % 25 !== 0) continue;
    Object.assign(job, { state: 'running', phase: 'denoise', step: line, steps: lines, elapsed_s: 1 });
    news.push(lineOf(job, heavy ? { message: heavy } : {}));
  }
  process.stderr.write(words.join(''));
  process.stdout.write(news.join(''));
}

async function run(job) {
  const started = Date.now();
  const wait = () => new Promise((done) => setTimeout(done, pace));
  if (job.request.prompt.includes('FAIL')) {
    Object.assign(job, {
      state: 'failed',
      code: 'VRAM_OOM',
      message: '1280×704, 121 frames needs about 19.4 GiB; this GPU has 11.6 GiB free.',
      hint: 'Choose 832×480.',
    });
    return tell(job);
  }
  if (job.request.prompt.includes('FLOOD')) flood(job);
  log('INFO: [Attention] Using PyTorch SDPA (Flash Attention not available), dropout=disabled (inference)');
  for (const [phase, count] of PHASES) {
    for (let step = 0; step <= (phase === 'denoise' ? job.request.steps : count); step++) {
      if (job.state === 'cancelled') return;
      const steps = phase === 'denoise' ? job.request.steps : count;
      Object.assign(job, {
        state: 'running',
        phase,
        step,
        steps,
        elapsed_s: (Date.now() - started) / 1000,
        eta_s: phase === 'denoise' ? ((steps - step) * pace) / 1000 : null,
      });
      tell(job);
      await wait();
    }
  }
  const path = process.env.FAKE_VIDEO ?? join(home, 'none.mp4');
  const output = `out-${job.job}`;
  media.set(output, { path, type: 'video/mp4' });
  Object.assign(job, {
    state: 'done',
    output,
    eta_s: 0,
    seconds: { load: 0.4, text: 0.1, denoise: 3.1, decode: 0.8, write: 0.2 },
  });
  tell(job, { path, seed: job.request.seed });
  say(`[progress] saved=${path}`);
}

let queue = Promise.resolve();

/** Whether a request can be made; where not, it has been refused. */
function fits(id, { prompt, frames }) {
  if (prompt.trim() === '')
    refuse(id, 'BAD_REQUEST', 'The prompt is empty.', 'Say what should be seen.', '$.request.prompt');
  else if (frames !== undefined && (frames - 1) % 4 !== 0) {
    const low = Math.floor((frames - 1) / 4) * 4 + 1;
    refuse(
      id,
      'BAD_REQUEST',
      `${frames} frames is not 4n+1.`,
      `The nearest are ${low} and ${low + 4}.`,
      '$.request.frames',
      'frames_step',
      { step: 4, given: frames, low, high: low + 4 },
    );
  } else return true;
  return false;
}

const ops = {
  hello: async (id) => {
    if (process.env.FAKE_MUTE) return;
    if (process.env.FAKE_BUSY)
      return refuse(id, 'BUSY', `The data folder ${home} is in use by another Artifex.`, 'Close it.');
    const slow = Date.now() + Number(process.env.FAKE_SLOW_START ?? 0);
    while (Date.now() < slow) {
      log('INFO: still getting ready');
      await new Promise((done) => setTimeout(done, 50));
    }
    reply(id, 'hello', {
      protocol: 1,
      versions: { artifex: '0.1.0', python: 'none' },
      capabilities: ['t2v', 'i2v'],
      data_folder: home,
      videos_folder: home,
    });
  },
  ping: (id) => reply(id, 'ping', {}),
  snapshot: (id) =>
    reply(id, 'snapshot', {
      seq,
      jobs,
      paused: false,
      models,
      engine: { state: 'ready', device: { kind: 'cpu', name: 'x86_64' } },
      preferences,
    }),
  doctor: (id, { self_test }) => {
    log(`WARNING: looked at ${join(home, 'library.db')} and ${homedir()}/비디오`);
    const disk = { id: 'disk', title: 'Disk', case: 'disk_low', values: { path: home, gib: 3 } };
    const python = { id: 'python', title: 'Python', state: 'ok', detail: `3.12, ${homedir()}/.venv`, hint: '' };
    const warned = { ...disk, state: 'warn', detail: `${home} has 3 GiB free.`, hint: 'Free some space.' };
    const wrong = { case: 'self_test_wrong_gpu', values: { said: 'motion in float32 off by 2' } };
    const arithmetic = { id: 'arithmetic', title: 'Arithmetic', state: 'fail', detail: 'Wrong numbers.', ...wrong };
    const answer = () => reply(id, 'doctor', { checks: self_test ? [python, arithmetic, warned] : [python, warned] });
    if (self_test) setTimeout(answer, 500);
    else answer();
  },
  prefer: (id, { preferences: wish }) => {
    for (const [name, value] of Object.entries(wish)) if (value !== null) preferences[name] = value;
    reply(id, 'prefer', { preferences });
  },
  videos_folder: (id, { folder }) => {
    if (folder?.includes('none')) {
      const [message, hint] = [`There is no folder ${folder}.`, 'Make it, or choose another folder.'];
      return refuse(id, 'OUTPUT_DENIED', message, hint, '$.folder', 'folder_gone', { path: folder });
    }
    if (folder) videos = folder;
    reply(id, 'videos_folder', { folder: videos });
  },
  estimate: (id, { request }) => {
    if (!fits(id, request)) return;
    const verdict = { fits: true, denoise: null, decode: null, ram: 0.9e9, video: 96_000, copy: 0, seconds: 5.2 };
    const refusal = {
      code: 'VRAM_OOM',
      message: 'This needs about 19.4 GiB of GPU memory; 11.6 GiB are free.',
      hint: 'Choose a smaller size or fewer frames, or close other programs that use the graphics card.',
      case: 'gpu_too_small',
      values: { needed: 19.4, free: 11.6 },
    };
    const large = (request.steps ?? 0) === 99;
    reply(id, 'estimate', {
      verdict: { ...verdict, plan: 'all stay', ...(large ? { fits: false, plan: null, refusal } : { refusal: null }) },
    });
  },
  generate: (id, { request }) => {
    if (!fits(id, request)) return;
    const seed = request.seed ?? String(Math.floor(Math.random() * 2 ** 32));
    const resolved = { ...mini.defaults, image: null, model: 'wan-mini', out: null, ...request, seed };
    const job = {
      job: `job${jobs.length + 1}`,
      state: 'queued',
      rank: jobs.length + 1,
      phase: null,
      step: null,
      steps: null,
      eta_s: null,
      elapsed_s: null,
      request: resolved,
      created: new Date().toISOString(),
      output: null,
      seconds: null,
      code: null,
      message: null,
      hint: null,
      case: null,
      values: {},
    };
    jobs.push(job);
    tell(job);
    reply(id, 'generate', { job: job.job, request: resolved });
    queue = queue.then(() => run(job));
  },
  cancel: (id, { job: name }) => {
    const job = jobs.find((one) => one.job === name);
    if (!job) return refuse(id, 'UNKNOWN_JOB', `There is no job ${name}.`);
    job.state = 'cancelled';
    tell(job);
    reply(id, 'cancel', { job: name, state: job.state });
  },
  retry: (id, { job: name }) => {
    const job = jobs.find((one) => one.job === name);
    if (!job) return refuse(id, 'UNKNOWN_JOB', `There is no job ${name}.`);
    Object.assign(job, { state: 'queued', code: null, message: null, hint: null, case: null, values: {} });
    tell(job);
    reply(id, 'retry', { job: name, state: job.state });
    queue = queue.then(() => run(job));
  },
  add_model: (id, { path }) =>
    refuse(
      id,
      'MODEL_MISSING',
      `${path} holds no official Wan2.2 checkpoint.`,
      'Choose the folder with config.json in it.',
      '$.path',
      'no_model_in_folder',
      { folder: path },
    ),
  download: (id, { folder }) =>
    refuse(id, 'OUTPUT_DENIED', 'Not there.', 'Elsewhere.', '$.folder', 'folder_denied', { folder }),
  store_input: (id, { path }) => {
    const bytes = readFileSync(path);
    if (bytes.subarray(0, 4).toString('latin1') !== '\x89PNG')
      return refuse(id, 'INPUT_BAD_IMAGE', 'This is not a picture that can be read.', 'Use PNG, JPEG or WebP.');
    const name = createHash('sha256').update(bytes).digest('hex');
    const kept = join(home, 'inputs', `${name}.png`);
    renameSync(path, kept);
    media.set(name, { path: kept, type: 'image/png' });
    reply(id, 'store_input', {
      input: { id: name, width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), type: 'image/png' },
    });
  },
  read_video: (id, { path }) => {
    if (readFileSync(path).subarray(4, 8).toString('latin1') !== 'ftyp')
      return refuse(
        id,
        'INPUT_BAD_VIDEO',
        'This file is not an mp4 video.',
        'Choose another.',
        '$.path',
        'not_a_video',
      );
    const request = { ...mini.defaults, model: 'wan-mini', prompt: '호수', image: null, seed: '7', path };
    reply(id, 'read_video', { video: { request, model: 'wan-mini', picture: null, same: true, unknown: [], path } });
  },
  media: (id, { media: name }) => {
    const found = media.get(name);
    if (!found) return refuse(id, 'UNKNOWN_MEDIA', 'There is no such picture or video.');
    reply(id, 'media', { ...found, bytes: 0 });
  },
  shutdown: (id) => {
    if (process.env.FAKE_DEAF) return;
    reply(id, 'shutdown', {});
    process.exit(0);
  },
};

if (process.env.FAKE_DEAF) {
  process.on('SIGTERM', () => {});
  const deaf = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)';
  spawn(process.execPath, ['-e', deaf], { stdio: ['ignore', 'inherit', 'inherit'] });
  setInterval(() => {}, 1000);
}
if (process.env.FAKE_BROKEN) {
  log('ERROR: nothing works today');
  process.exit(3);
}
if (process.env.FAKE_PID) writeFileSync(process.env.FAKE_PID, String(process.pid));

log('INFO: fake sidecar');
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { op, id, ...fields } = JSON.parse(line);
    if (op === 'generate' && fields.request.prompt === 'CRASH') process.exit(9);
    if (op === 'generate' && fields.request.prompt === 'HANG')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    ops[op] ? ops[op](id, fields) : refuse(id, 'UNKNOWN_OP', `There is no op ${op}.`);
  })
  .on('close', () => {
    if (!process.env.FAKE_DEAF) process.exit(0);
  });
