import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const pixels = z.number().int().min(-100_000).max(100_000);
const State = z.object({ x: pixels, y: pixels, width: pixels, height: pixels, maximized: z.boolean() });

/** Where the window was when it was last closed. */
export type WindowState = z.infer<typeof State>;

export const smallest = { minWidth: 720, minHeight: 560 } as const;
const usual = { width: 1280, height: 860 } as const;

/** How much of the title bar must be on a screen for the window to be caught by it, in pixels. */
const GRIP = { width: 120, height: 24 } as const;

/** What was saved, or null: a file that cannot be read is as good as none. */
export function readState(file: string): WindowState | null {
  try {
    return State.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Saves where the window is; a disk that refuses costs a person nothing but that. */
export function saveState(file: string, state: WindowState): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  } catch (error) {
    console.error(error);
  }
}

/** Where to open the window: where it was if a screen still shows its title bar, otherwise in the middle of one. */
export function fitted(state: WindowState | null, screens: readonly { readonly workArea: Area }[]): Partial<Area> {
  const screen = state && screens.map(({ workArea }) => workArea).find((area) => catches(area, state));
  if (!screen) return usual;
  const width = Math.max(Math.min(state.width, screen.width), smallest.minWidth);
  const height = Math.max(Math.min(state.height, screen.height), smallest.minHeight);
  return { x: state.x, y: state.y, width, height };
}

function catches(screen: Area, window: Area): boolean {
  const across = Math.min(screen.x + screen.width, window.x + window.width) - Math.max(screen.x, window.x);
  const below = screen.y + screen.height - window.y;
  return across >= GRIP.width && window.y >= screen.y && below >= GRIP.height;
}
