import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { browserHost, say } from './browserHost.ts';
import { PATIENTLY, png } from './fake.ts';

test('in a whole session no window is told where anything lies, and prompts are as they were written', async () => {
  const web = await browserHost();
  try {
    const socket = await web.window();
    const heard: string[] = [];
    socket.on('message', (data: Buffer) => heard.push(data.toString()));
    let id = 0;
    const call = (method: string, params: unknown) => say(socket, { id: ++id, method, params });
    const prompt = `a sign that reads ${homedir()}/secret and /mnt/somewhere/else`;
    await call('generate', { request: { prompt, steps: 1 } });
    await web.behind.until((event) => event.type === 'progress' && event.progress.state === 'done');
    const snapshot = JSON.stringify(await call('snapshot', {}));
    expect(snapshot).toContain(JSON.stringify(prompt).slice(1, -1));
    heard.splice(0); // from here on nobody has written a path
    await call('generate', { request: { prompt: 'FAIL' } });
    await call('generate', { request: { prompt: 'a lake', frames: 24 } });
    const doctor = await call('doctor', {});
    expect(doctor).toMatchObject({ result: { checks: [{ detail: '3.12, ~/.venv' }, { values: { gib: 3 } }] } });
    const folder = `${web.behind.home}/모델 모음/wan`;
    expect(await call('add_model', { path: folder })).toMatchObject({
      failure: { message: '…/wan holds no official Wan2.2 checkpoint.', values: { folder: '…/wan' } },
    });
    const bad = await web.send('/upload', { method: 'POST', headers: web.ours, body: Buffer.from('<svg/>') });
    const good = await web.send('/upload', { method: 'POST', headers: web.ours, body: png() });
    await expect.poll(() => heard.some((frame) => frame.includes('~/비디오')), PATIENTLY).toBe(true);
    const seen = [...heard, bad.body, good.body, JSON.stringify(bad.headers)].join('\n');
    for (const place of [homedir(), web.behind.home, web.folder, '/must/not/be/seen', process.cwd()]) {
      expect(seen).not.toContain(place);
    }
    socket.terminate();
  } finally {
    await web.end();
  }
});
