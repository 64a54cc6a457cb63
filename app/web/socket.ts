import type { RawData, WebSocket } from 'ws';
import { Call, type Frame } from '../contract/bridge.ts';
import type { AppEvent } from '../contract/event.ts';
import type { Failure } from '../contract/failure.ts';
import { Refusal } from '../contract/refusal.ts';
import type { Core } from '../core/core.ts';

/** Above this many unsent bytes a slow window loses progress and log lines; it then asks for a snapshot. */
const CROWDED = 1024 * 1024;

const mayBeDropped = (event: AppEvent): boolean =>
  event.type === 'log' || (event.type === 'progress' && event.progress.state === 'running');

/** One window at the other end of a WebSocket. */
export function serve(socket: WebSocket, core: Core): void {
  const send = (frame: Frame): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
  };
  const forget = core.on((event) => {
    if (socket.bufferedAmount > CROWDED && mayBeDropped(event)) return;
    send({ event });
  });
  send({ event: { type: 'sidecar', sidecar: core.sidecar } });
  socket.on('message', (data, binary) => {
    const call = binary ? null : parse(data);
    if (!call) return socket.close(1008, 'not a call');
    core.answer(call.method, call.params).then(
      (result) => send({ id: call.id, result }),
      (error: unknown) => send({ id: call.id, failure: failureOf(error) }),
    );
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

/** What the window is told: a refusal as it is; of anything else only that it happened, the rest is for the log. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) return error.failure;
  console.error(error);
  return { code: 'INTERNAL', message: 'Something went wrong inside the app.', hint: 'See the log.', field: null };
}
