import type { Words } from './en.ts';

const UNITS = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
] as const;

/** “34.2 GB”, “12.3 MB”, “1 kB”. */
export function size(bytes: number, words: Words): string {
  const [unit, name] = UNITS.find(([least]) => bytes >= least) ?? UNITS[2];
  return words.models.size((bytes / unit).toFixed(unit > 1e3 ? 1 : 0), name);
}
