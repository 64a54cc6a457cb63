import type { AppEvent } from './event.ts';
import type { Failure } from './failure.ts';

/** The one channel between a desktop window and its host. */
export const CHANNEL = 'artifex';

/** An error's class and fields do not survive the way through Electron, so a refusal travels as a value. */
export type Answer = { readonly result: unknown } | { readonly failure: Failure };

/** What the preload gives the page as `api`: plain functions of plain data, nothing of Electron's. */
export interface DesktopApi {
  ask(method: string, params: unknown): Promise<Answer>;
  listen(listener: (event: AppEvent) => void): void;
}
