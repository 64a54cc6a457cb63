import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The browsers that can show a page as a window of its own, in the order in which they are tried. */
function candidates(env: NodeJS.ProcessEnv): string[] {
  if (process.platform === 'win32') {
    const roots = [env['ProgramFiles(x86)'], env.ProgramFiles, env.LOCALAPPDATA].filter((root) => root !== undefined);
    const names = ['Microsoft\\Edge\\Application\\msedge.exe', 'Google\\Chrome\\Application\\chrome.exe'];
    return names.flatMap((name) => roots.map((root) => join(root, name)));
  }
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Microsoft Edge', 'Chromium'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  const names = ['microsoft-edge', 'google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser'];
  return names.flatMap((name) => (env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)));
}

const runnable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Opens the page in a window of its own where a browser can do that, otherwise in the usual browser. */
export function openPage(address: string, env: NodeJS.ProcessEnv = process.env): void {
  const browser = candidates(env).find(runnable);
  const opener: readonly [string, readonly string[]] = browser
    ? [browser, [`--app=${address}`]]
    : process.platform === 'win32'
      ? ['explorer.exe', [address]]
      : process.platform === 'darwin'
        ? ['open', [address]]
        : ['xdg-open', [address]];
  const child = spawn(opener[0], [...opener[1]], { detached: true, stdio: 'ignore', shell: false });
  child.once('error', () => console.log('No browser could be opened here. Open the address above yourself.'));
  child.unref();
}
