import type { LogLine } from '../../contract/event.ts';

/** What of the log is shown: `part` is everything, what went wrong, or one part of the engine by its name. */
export interface Sieve {
  readonly part: 'all' | 'troubles' | `[${string}]`;
  readonly text: string;
}

export const everything: Sieve = { part: 'all', text: '' };

/** The part of the engine that says a line: `[Attention]`. */
const partOf = ({ text }: LogLine): Sieve['part'] | null =>
  (/^\[[^\]]+\] [A-Z]+: (\[[A-Z]\w{0,30}\])/.exec(text)?.[1] as Sieve['part'] | undefined) ?? null;

/** Every part that has said something, in order of the alphabet. */
export const partsOf = (log: readonly LogLine[]): readonly Sieve['part'][] =>
  [...new Set(log.map(partOf).filter((part) => part !== null))].sort();

/** The lines that a person asked for. */
export function sift(log: readonly LogLine[], { part, text }: Sieve): readonly LogLine[] {
  const asked = text.trim().toLowerCase();
  return log.filter((line) => {
    const fits = part === 'all' || (part === 'troubles' ? isTrouble(line) : partOf(line) === part);
    return fits && line.text.toLowerCase().includes(asked);
  });
}

const isTrouble = ({ level }: LogLine): boolean => level === 'warning' || level === 'error';
