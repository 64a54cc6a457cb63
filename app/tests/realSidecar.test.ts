import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sidecarCommand } from '../core/command.ts';
import { Core } from '../core/core.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const python = join(root, '.venv', ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));

test('the real sidecar starts whatever the environment says, is watched by pings, and tells no place', async (context) => {
  context.skip(!existsSync(python), 'there is no .venv here: npm run setup makes it');
  const home = mkdtempSync(join(tmpdir(), 'artifex-테스트 🎬-'));
  const astray = { PYTHONSAFEPATH: '1', PYTHONPATH: home, PYTHONHOME: home, NODE_OPTIONS: '--no-such-option' };
  const env = { ...process.env, ...astray, ARTIFEX_HOME: home, ARTIFEX_VIDEOS: join(home, 'videos') };
  const core = new Core(sidecarCommand(root, python, env), { beat: 100, silence: 5000 });
  const heard: string[] = [];
  core.on((event) => heard.push(JSON.stringify(event)));
  try {
    await core.start();
    const refused = await core.answer('add_model', { path: join(home, '없는 모델') }).catch((error) => error.failure);
    expect(refused).toMatchObject({ field: '$.path', case: expect.any(String) });
    const told = [await core.call('snapshot', {}), await core.call('doctor', {}), refused];
    heard.push(...told.map((one) => JSON.stringify(one)));
    for (const place of [home, homedir(), root]) expect(heard.join('\n')).not.toContain(place);
    expect(core.sidecar.state).toBe('ready');
  } finally {
    await core.stop();
    rmSync(home, { recursive: true, force: true });
  }
});
