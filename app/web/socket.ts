import type { RawData, WebSocket } from 'ws';
import { Call, type Frame } from '../contract/bridge.ts';
import type { AppEvent } from '../contract/event.ts';
import type { Core } from '../core/core.ts';
import { failureOf } from '../core/troubles.ts';

/** Above this many unsent bytes a slow window loses progress and log lines; it then asks for a snapshot. */
const CROWDED = 1024 * 1024;

/** Above this many it is let go, and comes back if it still lives. */
const DROWNED = 32 * 1024 * 1024;

/** More calls than this at a time are not those of our page. */
const CALLS = 64;

const mayBeDropped = (event: AppEvent): boolean =>
  event.type === 'log' || (event.type === 'progress' && event.progress.state === 'running');

/** One window at the other end of a WebSocket. */
export function serve(socket: WebSocket, core: Core): void {
  let calls = 0;
  const send = (frame: Frame): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > DROWNED) socket.terminate();
    else socket.send(JSON.stringify(frame));
  };
  const forget = core.on((event) => {
    if (socket.bufferedAmount > CROWDED && mayBeDropped(event)) return;
    send({ event });
  });
  send({ event: { type: 'sidecar', sidecar: core.sidecar } });
  socket.on('message', (data, binary) => {
    const call = binary ? null : parse(data);
    if (!call || calls >= CALLS) return socket.close(1008, call ? 'too many calls' : 'not a call');
    calls++;
    core
      .answer(call.method, call.params)
      .then(
        (result) => send({ id: call.id, result }),
        (error: unknown) => send({ id: call.id, failure: failureOf(error) }),
      )
      .finally(() => calls--);
  });
  socket.on('close', forget);
  socket.on('error', () => socket.terminate());
}

function parse(data: RawData): Call | null {
  try {
    return Call.safeParse(JSON.parse(data.toString())).data ?? null;
  } catch {
    return null;
  }
}
