import { readFile, realpath } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

export interface StaticFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly lasting: boolean;
}

/** A file of the built page, or null: unknown types, other folders and links that lead out are all “not there”. */
export async function staticFile(folder: string, pathname: string): Promise<StaticFile | null> {
  const name = decode(pathname === '/' ? '/index.html' : pathname);
  const type = TYPES[extname(name)];
  if (type === undefined || /[\\\0:]/.test(name)) return null;
  try {
    const root = await realpath(resolve(folder));
    const path = await realpath(join(root, name));
    if (!path.startsWith(root + sep)) return null;
    return { bytes: await readFile(path), type, lasting: name.startsWith('/assets/') };
  } catch {
    return null;
  }
}

const decode = (pathname: string): string => {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return '\0';
  }
};
