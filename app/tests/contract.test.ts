import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Frame } from '../contract/bridge.ts';
import { Failure } from '../contract/failure.ts';
import { Job, Progress } from '../contract/job.ts';
import { type Method, methods } from '../contract/method.ts';
import { replies, SaidFailure, SaidProgress, understand } from '../core/wire.ts';
import { REACT_ARIA_STYLE } from '../web/headers.ts';

const app = fileURLToPath(new URL('..', import.meta.url));

test('a verb refuses parameters it does not know', () => {
  for (const name of Object.keys(methods) as Method[]) {
    expect(methods[name].params.safeParse({ surprise: 1 }).success, name).toBe(false);
  }
});

test('what the sidecar adds beyond the contract does not pass', () => {
  const said = {
    seq: 1,
    job: 'a',
    state: 'done',
    rank: 1,
    path: '/home/me/x.mp4',
    output: 'o1',
    seed: '5',
    seconds: { denoise: 3 },
  };
  const progress = SaidProgress.parse(said);
  expect(Progress.parse(progress)).toEqual(progress);
  expect(progress).not.toHaveProperty('path');
  expect(Frame.parse({ event: { type: 'progress', progress } })).toBeTruthy();
});

test('a code nobody has heard of is still a failure in words', () => {
  expect(Failure.parse(SaidFailure.parse({ code: 'NEW', message: 'no' }))).toMatchObject({
    code: 'INTERNAL',
    message: 'no',
  });
});

test.each([
  ['[progress] saved=/a b/한글.mp4', 'saved'],
  ['[reply] {"id":"1"}', 'reply'],
  ['[progress] {"seq":1}', 'progress'],
  ['[download] {"n":1}', 'download'],
  ['[of tomorrow] {"n":1}', 'noise'],
  ['[reply] {broken}', 'noise'],
  ['[reply] [1]', 'noise'],
  ['hello from a library', 'noise'],
])('the line %s is %s', (line, kind) => {
  expect(understand(line).kind).toBe(kind);
});

test('a job of the mirror is the same to both sides', () => {
  const snapshot = replies.snapshot.parse({
    seq: 3,
    paused: false,
    models: [],
    preferences: { language: 'ko', theme: null, vram_gib: null, contrast: null, notices: null, greeted: null },
    engine: { state: 'busy', device: { kind: 'cuda', name: 'RTX 4070 Ti', torch: '2' } },
    jobs: [
      {
        job: 'a',
        state: 'queued',
        rank: 1,
        created: '2026-01-02T03:04:05+00:00',
        request: {
          prompt: 'p',
          model: 'm',
          negative_prompt: '',
          image: '/home/me/cat.png',
          width: 1,
          height: 1,
          frames: 1,
          fps: 1,
          steps: 1,
          guidance: [3, 4],
          shift: 1,
          solver: 'euler',
          seed: 5,
          out: '/home/me/x.mp4',
        },
      },
    ],
  });
  const [job] = snapshot.jobs.map((one) => Job.parse(one));
  expect(job?.request).toMatchObject({ image: null, seed: '5' });
  expect(snapshot.engine.device).toBe('RTX 4070 Ti');
});

test('the page’s policy knows the words of React Aria’s one inline style', () => {
  const source = readFileSync(join(app, '../node_modules/react-aria/dist/private/interactions/usePress.mjs'), 'utf8');
  const attribute = /PRESSABLE_ATTRIBUTE = '([^']+)'/.exec(source)?.[1] ?? '';
  const style = /textContent = `([^`]+)`\.trim\(\)/.exec(source)?.[1] ?? '';
  const words = style.replace(/\$\{[^}]+PRESSABLE_ATTRIBUTE\}/, attribute).trim();
  expect(`sha256-${createHash('sha256').update(words).digest('base64')}`).toBe(REACT_ARIA_STYLE);
});

test('the page carries no zod: its probe for eval would break the page’s own policy', () => {
  const withZod = readdirSync(join(app, 'contract')).filter((name) =>
    readFileSync(join(app, 'contract', name), 'utf8').includes("from 'zod'"),
  );
  for (const file of readdirSync(join(app, 'renderer'), { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(file)) continue;
    const source = readFileSync(join(app, 'renderer', file), 'utf8');
    for (const [, from = ''] of source.matchAll(/^import (?!type )[^;]*? from '[^']*contract\/([\w.]+)'/gm)) {
      expect(withZod, `renderer/${file} imports contract/${from} as code`).not.toContain(from);
    }
  }
});
