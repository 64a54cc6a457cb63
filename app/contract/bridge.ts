import { z } from 'zod';
import { AppEvent } from './event.ts';
import { Failure } from './failure.ts';
import type { Method, Params, Result } from './method.ts';
import type { Model } from './model.ts';
import type { Input } from './request.ts';
import type { Restored } from './restored.ts';

export type LinkState = 'connecting' | 'live' | 'reconnecting';

/** All that a window can reach. Both hosts offer the same; a host's extras are optional and the page hides them. */
export interface Bridge {
  readonly kind: 'desktop' | 'browser';
  call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>;
  on(listener: (event: AppEvent) => void): () => void;
  onLink(listener: (state: LinkState) => void): () => void;
  upload(file: Blob): Promise<Input>;
  /** Reads the settings out of a video's head; frames are not needed. */
  readVideo(head: Blob): Promise<Restored>;
  mediaUrl(id: string): string;
  /** The system's own folder dialog; resolves to null when the person changes their mind. */
  readonly chooseModelFolder?: () => Promise<Model | null>;
  /** The same dialog for where a download goes, which then begins; null, too, when the person changes their mind. */
  readonly downloadTo?: (wish: Omit<Params<'download'>, 'folder'>) => Promise<Result<'download'> | null>;
  /** And for where new videos go: says where that is now. */
  readonly chooseVideosFolder?: () => Promise<Result<'videos_folder'> | null>;
  /** Keeps the log as a file, and shows it in the system's file manager. */
  readonly showLog?: () => Promise<void>;
  /** Brings the window before all others. */
  readonly comeForward?: () => Promise<void>;
  /** Shows a picture or video in the system's file manager. */
  readonly reveal?: (id: string) => Promise<void>;
}

/** What travels over the WebSocket, from the window and to it. */
export const Call = z.strictObject({
  id: z.number().int().nonnegative(),
  method: z.string().max(40),
  params: z.unknown(),
});
export type Call = z.infer<typeof Call>;

export const Frame = z.union([
  z.strictObject({ id: z.number().int(), result: z.unknown() }),
  z.strictObject({ id: z.number().int(), failure: Failure }),
  z.strictObject({ event: AppEvent }),
]);
export type Frame = z.infer<typeof Frame>;
