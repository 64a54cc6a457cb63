import type { StaticFile } from '../web/files.ts';
import type { Words } from './words.ts';

/** How far the first set-up is: what it has said, in the person's language, and whether it ended in trouble. */
export interface SetupShown {
  readonly words: Words['setup'];
  readonly lines: readonly string[];
  readonly over: boolean;
}

/** Where an installed app shows its first set-up. */
export const SETUP = '/setup.html';

const style = `
:root { color-scheme: light dark; font: 15px/1.6 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; word-break: keep-all; }
main { width: min(680px, 86vw); }
h1 { font-size: 22px; font-weight: 600; }
pre { white-space: pre-wrap; font-size: 13px; opacity: 0.75; }`;

/** A file of the set-up's page, which shows the newest lines anew each second and needs no script. */
export function setupFile(pathname: string, setup: SetupShown | null): StaticFile | null {
  if (pathname === '/setup.css') return file(style, 'text/css; charset=utf-8');
  if (pathname !== SETUP || !setup) return null;
  const { words, lines, over } = setup;
  const html = `<!doctype html>
<meta charset="utf-8">${over ? '' : '\n<meta http-equiv="refresh" content="1">'}
<title>Artifex</title>
<link rel="stylesheet" href="/setup.css">
<main><h1>${over ? words.failed : words.title}</h1>
<p>${over ? '' : words.detail}</p>
<pre role="log">${lines.slice(-12).map(escaped).join('\n')}</pre></main>`;
  return file(html, 'text/html; charset=utf-8');
}

const file = (text: string, type: string): StaticFile => ({ bytes: Buffer.from(text), type, lasting: false });

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
