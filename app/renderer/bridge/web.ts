import type { Bridge, Frame, LinkState } from '../../contract/bridge.ts';
import type { AppEvent } from '../../contract/event.ts';
import { Refusal, sentence } from '../../contract/refusal.ts';
import { tooLarge, UPLOAD_CAP } from '../../contract/upload.ts';

interface Waiting {
  resolve(result: unknown): void;
  reject(why: Refusal): void;
}

const lost = (): Refusal =>
  Refusal.of(
    sentence(
      'PROTOCOL',
      'connection_lost',
      {},
      'The connection to Artifex was lost.',
      'It reconnects by itself; then try once more.',
    ),
  );

/** The bridge over a WebSocket to the host that served this page; it reconnects with back-off, forever. */
export function webBridge(): Bridge {
  const listeners = new Set<(event: AppEvent) => void>();
  const linkListeners = new Set<(state: LinkState) => void>();
  const waiting = new Map<number, Waiting>();
  let socket: WebSocket | null = null;
  let link: LinkState = 'connecting';
  let asked = 0;
  let failures = 0;

  const say = (state: LinkState): void => {
    link = state;
    for (const listener of linkListeners) listener(state);
  };

  const hear = (frame: Frame): void => {
    if ('event' in frame) {
      for (const listener of listeners) listener(frame.event);
      return;
    }
    const one = waiting.get(frame.id);
    waiting.delete(frame.id);
    if ('failure' in frame) one?.reject(Refusal.of(frame.failure));
    else one?.resolve(frame.result);
  };

  const open = (): void => {
    const next = new WebSocket(`ws://${location.host}/socket`);
    next.onopen = () => {
      failures = 0;
      socket = next;
      say('live');
    };
    next.onmessage = (message: MessageEvent<string>) => hear(JSON.parse(message.data) as Frame);
    next.onclose = () => {
      socket = null;
      for (const one of waiting.values()) one.reject(lost());
      waiting.clear();
      say('reconnecting');
      setTimeout(open, Math.min(5000, 250 * 2 ** failures++));
    };
  };
  open();

  return {
    kind: 'browser',
    // The host answers with what the contract says; it has checked it.
    call: (method, params) =>
      new Promise((resolve, reject) => {
        if (!socket) return reject(lost());
        const id = ++asked;
        waiting.set(id, { resolve: (result) => resolve(result as never), reject });
        socket.send(JSON.stringify({ id, method, params }));
      }),
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onLink: (listener) => {
      linkListeners.add(listener);
      listener(link);
      return () => linkListeners.delete(listener);
    },
    upload: (file) => hand('/upload', file),
    readVideo: (head) => hand('/read_video', head),
    mediaUrl: (id) => `/media/${encodeURIComponent(id)}`,
  };
}

async function hand<T>(address: string, file: Blob): Promise<T> {
  if (file.size > UPLOAD_CAP) throw tooLarge(); // the host would hang up in the middle of it
  const response = await fetch(address, { method: 'POST', body: file }).catch(() => {
    throw lost();
  });
  const answer = (await response.json().catch(() => null)) as { result: T } | { failure: Refusal['failure'] } | null;
  if (!answer) throw lost();
  if ('failure' in answer) throw Refusal.of(answer.failure);
  return answer.result;
}
