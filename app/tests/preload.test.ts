// The preload, and the page's side of the channel, against a stub of Electron.
import { afterEach, expect, test, vi } from 'vitest';
import { CHANNEL, type DesktopApi } from '../contract/channel.ts';
import { Refusal } from '../contract/refusal.ts';
import { desktopBridge } from '../renderer/bridge/desktop.ts';

afterEach(() => vi.resetModules());

/** What the preload puts into the page, with what crosses between the two worlds cloned, as Electron does it. */
async function exposed(invoke: (...call: unknown[]) => unknown) {
  const worlds: Record<string, unknown> = {};
  const listeners: ((event: unknown, news: unknown) => void)[] = [];
  const channels: string[] = [];
  vi.doMock('electron', () => ({
    contextBridge: {
      exposeInMainWorld: (name: string, api: unknown) => {
        worlds[name] = api;
      },
    },
    ipcRenderer: {
      invoke: async (channel: string, ...call: unknown[]) => {
        channels.push(channel);
        return structuredClone(await invoke(...structuredClone(call)));
      },
      on: (channel: string, listener: (typeof listeners)[number]) => {
        channels.push(channel);
        listeners.push(listener);
      },
    },
  }));
  await import('../preload/preload.ts');
  const push = (news: unknown): void => {
    for (const listener of listeners) listener({ sender: 'Electron’s own' }, structuredClone(news));
  };
  return { worlds, channels, push, api: worlds.api as DesktopApi };
}

test('the page gets two functions and nothing of Electron’s', async () => {
  const { worlds, api, channels } = await exposed(() => ({ result: 1 }));
  expect(Object.keys(worlds)).toEqual(['api']);
  expect(Object.keys(api).sort()).toEqual(['ask', 'listen']);
  await api.ask('snapshot', {});
  api.listen(() => {});
  expect(new Set(channels)).toEqual(new Set([CHANNEL]));
});

test('events reach every listener, without Electron’s own event, until it has heard enough', async () => {
  const { api, push } = await exposed(() => null);
  const bridge = desktopBridge(api);
  const heard: unknown[][] = [[], []];
  const forget = bridge.on((...all) => heard[0]?.push(all));
  bridge.on((...all) => heard[1]?.push(all));
  push({ type: 'log', lines: [] });
  forget();
  push({ type: 'log', lines: [] });
  expect(heard).toEqual([[[{ type: 'log', lines: [] }]], [[{ type: 'log', lines: [] }], [{ type: 'log', lines: [] }]]]);
});

test('every verb of the bridge is one call of the channel; a refusal is thrown again as one', async () => {
  const calls: unknown[][] = [];
  const failure = new Refusal('BAD_REQUEST', 'frames must be 4n+1.', { field: '$.request.frames' }).failure;
  const { api } = await exposed((...call) => {
    calls.push(call);
    return call[0] === 'generate' ? { failure } : { result: call[0] };
  });
  const bridge = desktopBridge(api);
  expect(bridge.kind).toBe('desktop');
  expect(await bridge.call('cancel', { job: 'a' })).toBe('cancel');
  expect(await bridge.upload(new Blob(['abc']))).toBe('upload');
  expect(await bridge.readVideo(new Blob(['abc']))).toBe('read_video');
  await bridge.chooseModelFolder?.();
  await bridge.downloadTo?.({ model: 'wan' });
  await bridge.reveal?.('clip-1');
  await bridge.chooseVideosFolder?.();
  await bridge.showLog?.();
  await bridge.comeForward?.();
  const bytes = new TextEncoder().encode('abc').buffer;
  expect(calls).toEqual([
    ['cancel', { job: 'a' }],
    ['upload', bytes],
    ['read_video', bytes],
    ['choose_model_folder', null],
    ['download_to', { model: 'wan' }],
    ['reveal', 'clip-1'],
    ['choose_videos_folder', null],
    ['show_log', null],
    ['come_forward', null],
  ]);
  const thrown = await bridge.call('generate', { request: { prompt: 'x' } }).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(Refusal);
  expect((thrown as Refusal).failure).toEqual(failure);
  expect(bridge.mediaUrl('a/../b')).toBe('/media/a%2F..%2Fb');
  const link = vi.fn();
  bridge.onLink(link);
  expect(link).toHaveBeenCalledWith('live');
});
