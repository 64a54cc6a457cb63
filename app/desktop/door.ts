import type { Answer } from '../contract/channel.ts';
import { Refusal } from '../contract/refusal.ts';
import { MediaId } from '../contract/request.ts';
import type { Core } from '../core/core.ts';
import { failureOf } from '../core/troubles.ts';
import { ORIGIN } from './policy.ts';

/** Who calls: what Electron knows of the frame, which the frame itself cannot forge. */
export interface Caller {
  readonly origin: string;
  readonly parent: unknown;
}

/** What only this host can do for a page. */
export interface Hands {
  /** The system's folder dialog; null when the person changes their mind. */
  chooseFolder(): Promise<string | null>;
  /** Shows a file in the system's file manager. */
  reveal(path: string): void;
  /** Shows the window before all others. */
  comeForward(): void;
}

const CALL_CAP = 1024 * 1024;

const refuse = (why: string): Refusal => new Refusal('BAD_REQUEST', why);

/** Answers one call of a page. Only our own page's main frame is heard; nothing but an `Answer` ever comes back. */
export async function answerCall(
  core: Core,
  hands: Hands,
  caller: Caller | null,
  method: unknown,
  params: unknown,
): Promise<Answer> {
  try {
    if (caller === null || caller.parent !== null || caller.origin !== ORIGIN) {
      throw refuse('This page may not talk to Artifex.');
    }
    if (typeof method !== 'string') throw refuse('A call has a name.');
    return { result: await handle(core, hands, method, params) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

function bytesOf(params: unknown): Uint8Array {
  if (params instanceof ArrayBuffer) return new Uint8Array(params);
  if (params instanceof Uint8Array) return params;
  throw refuse('A file is handed over by its bytes.');
}

async function handle(core: Core, hands: Hands, method: string, params: unknown): Promise<unknown> {
  if (method === 'upload') return core.upload(bytesOf(params));
  if (method === 'read_video') return core.readVideo(bytesOf(params));
  if ((JSON.stringify(params) ?? '').length > CALL_CAP) throw refuse('This call is larger than 1 MiB.');
  if (method === 'choose_model_folder') {
    const path = await hands.chooseFolder();
    return path === null ? null : ((await core.answer('add_model', { path })) as { model: unknown }).model;
  }
  if (method === 'download_to') {
    const folder = await hands.chooseFolder();
    return folder === null ? null : core.answer('download', { ...Object(params), folder });
  }
  if (method === 'choose_videos_folder') {
    const folder = await hands.chooseFolder();
    return folder === null ? null : core.answer('videos_folder', { folder });
  }
  if (method === 'show_log') return hands.reveal(await core.keepLog());
  if (method === 'come_forward') return hands.comeForward();
  if (method === 'reveal') {
    const { path } = await core.media(MediaId.catch('').parse(params));
    return hands.reveal(path);
  }
  return core.answer(method, params);
}
