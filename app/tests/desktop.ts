import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
// @ts-expect-error plain JavaScript, because a real Node has to read it as well
import { fakeElectron } from './fakeElectron.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
const sidecar = fileURLToPath(new URL('./fakeSidecar.mjs', import.meta.url));

/** Runs app/main/main.ts, the real one, under a stub of Electron and over the fake sidecar. */
export async function startMain(facts: Record<string, unknown> = {}, env: Record<string, string> = {}) {
  const home = typeof facts.home === 'string' ? facts.home : mkdtempSync(join(tmpdir(), '아티 팩스-'));
  vi.resetModules();
  vi.stubEnv('ARTIFEX_HOME', home);
  vi.stubEnv('ARTIFEX_PYTHON', 'python');
  const fake = fakeElectron({ root, ...facts });
  const told: { type: string; message?: string }[] = [];
  const parent = { leave: () => {} };
  vi.doMock('electron', () => fake.electron);
  vi.doMock('../desktop/parent.ts', () => ({
    tell: async (news: (typeof told)[number]) => told.push(news) > 0 && facts.alone !== true,
    whenToldToLeave: (leave: () => void) => {
      parent.leave = leave;
    },
  }));
  vi.doMock('../core/command.ts', () => ({
    sidecarCommand: () => ({
      file: process.execPath,
      args: [sidecar],
      cwd: home,
      env: { ...process.env, ARTIFEX_HOME: home, ...env },
    }),
  }));
  await import('../main/main.ts');
  const came = (type: string): Promise<void> =>
    vi.waitFor(() => expect(told.map((news) => news.type)).toContain(type), { timeout: 10_000 });
  return {
    ...fake,
    home,
    told,
    parent,
    came,
    window: () => fake.windows[0],
    gone: () => vi.waitFor(() => expect(fake.named('gone')).toHaveLength(1), { timeout: 10_000 }),
    /** Leaves nothing behind but the folder, if it was given. */
    end: async () => {
      if (fake.windows.length > 0 && fake.named('gone').length === 0) {
        parent.leave();
        await vi.waitFor(() => expect(fake.named('gone')).toHaveLength(1), { timeout: 10_000 });
      }
      vi.unstubAllEnvs();
      if (facts.home === undefined) rmSync(home, { recursive: true, force: true });
    },
  };
}

export type Main = Awaited<ReturnType<typeof startMain>>;
