/** The one origin whose pages are ours. */
export const ORIGIN = 'app://ui';

/** What makes `app:` a scheme like https, with an origin, fetch and streams. */
export const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true } as const;

/** What a page can do beyond what any page of the web can: ask its host through the preload, and nothing else. */
export const pagePowers = (preload: string, dev: boolean) => ({
  preload,
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  webviewTag: false,
  devTools: dev,
});

/** Pages that a hint may send a person to, in their own browser. */
const OUTSIDE: ReadonlySet<string> = new Set([
  'aka.ms',
  'github.com',
  'huggingface.co',
  'nodejs.org',
  'www.nvidia.com',
  'www.python.org',
]);

const ALLOWED: ReadonlySet<string> = new Set(['fullscreen', 'clipboard-sanitized-write', 'notifications']);

/** Whether an address is one of our own page's. */
export function isOurs(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url?.protocol === 'app:' && url.host === 'ui';
}

/** What to open in the person's browser, as it was parsed; null when it is not among the known pages. */
export function outside(address: string): string | null {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url?.protocol === 'https:' && url.port === '' && OUTSIDE.has(url.hostname) ? url.href : null;
}

/** Whether a page may do what a browser would ask a person about. */
export const mayUse = (permission: string, origin: string): boolean => ALLOWED.has(permission) && isOurs(origin);

/** A page that died is shown again, unless it keeps dying. */
export class Revival {
  #times: number[] = [];
  allowed(now: number): boolean {
    this.#times = [...this.#times.filter((time) => now - time < 60_000), now];
    return this.#times.length <= 3;
  }
}
