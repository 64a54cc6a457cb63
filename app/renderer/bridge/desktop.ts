import type { Bridge } from '../../contract/bridge.ts';
import type { DesktopApi } from '../../contract/channel.ts';
import type { AppEvent } from '../../contract/event.ts';
import { Refusal } from '../../contract/refusal.ts';
import { tooLarge, UPLOAD_CAP } from '../../contract/upload.ts';

/** The bridge over Electron's channel: a refusal, which travels as a value, is thrown again here. */
export function desktopBridge(api: DesktopApi): Bridge {
  const listeners = new Set<(event: AppEvent) => void>();
  api.listen((event) => {
    for (const listener of listeners) listener(event);
  });
  // The host answers with what the contract says; it has checked it.
  const ask = async (method: string, params: unknown): Promise<never> => {
    const answer = await api.ask(method, params);
    if ('failure' in answer) throw Refusal.of(answer.failure);
    return answer.result as never;
  };
  const hand = async (method: string, file: Blob): Promise<never> => {
    if (file.size > UPLOAD_CAP) throw tooLarge();
    return ask(method, await file.arrayBuffer());
  };
  return {
    kind: 'desktop',
    call: ask,
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onLink: (listener) => {
      listener('live'); // as long as there is a window
      return () => {};
    },
    upload: (file) => hand('upload', file),
    readVideo: (head) => hand('read_video', head),
    mediaUrl: (id) => `/media/${encodeURIComponent(id)}`,
    chooseModelFolder: () => ask('choose_model_folder', null),
    downloadTo: (wish) => ask('download_to', wish),
    chooseVideosFolder: () => ask('choose_videos_folder', null),
    showLog: () => ask('show_log', null),
    comeForward: () => ask('come_forward', null),
    reveal: (id) => ask('reveal', id),
  };
}
