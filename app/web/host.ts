import { join } from 'node:path';
import { sidecarCommand } from '../core/command.ts';
import { Core } from '../core/core.ts';
import { startWebHost, type WebHost } from './server.ts';

export { openPage } from './browser.ts';

export interface HostOptions {
  /** The checkout: the sidecar is started there, and the built page lies in it. */
  readonly root: string;
  readonly python: string;
  readonly port?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Host {
  readonly address: string;
  readonly core: Core;
  stop(): Promise<void>;
}

/** The browser host: a sidecar that has answered, and a page in front of it. */
export async function startHost(options: HostOptions): Promise<Host> {
  const { root, python, port = 0, env = process.env } = options;
  const core = new Core(sidecarCommand(root, python, env));
  let web: WebHost | null = null;
  try {
    web = await startWebHost(core, join(root, 'app', 'dist', 'ui'), port);
    await core.start();
  } catch (error) {
    await Promise.all([core.stop(), web?.close()]);
    throw error;
  }
  const { address, close } = web;
  return { address, core, stop: async () => void (await Promise.all([core.stop(), close()])) };
}
