import type { LogLine } from '../contract/event.ts';
import type { Line } from './lines.ts';
import { mask } from './mask.ts';

const HEAD = /^\[\d{4}-\d\d-\d\d [\d:,.]+\] (DEBUG|INFO|WARNING|ERROR|CRITICAL): /;
const LEVELS = { DEBUG: 'debug', INFO: 'info', WARNING: 'warning', ERROR: 'error', CRITICAL: 'error' } as const;

/** The last lines of the sidecar's log, masked; a transient line is replaced by the one after it. */
export class LogBook {
  readonly #kept: LogLine[] = [];
  readonly #room: number;
  #n = 0;
  #inTraceback = false;

  constructor(room = 1000) {
    this.#room = room;
  }

  add(line: Line): LogLine | null {
    if (line.text.trim() === '') return null;
    const { transient } = line;
    const entry: LogLine = { n: ++this.#n, level: this.#level(line.text), text: mask(line.text), transient };
    if (this.#kept.at(-1)?.transient) this.#kept.pop();
    this.#kept.push(entry);
    if (this.#kept.length > this.#room) this.#kept.shift();
    return entry;
  }

  all(): LogLine[] {
    return [...this.#kept];
  }

  tail(count: number): string[] {
    return this.#kept.slice(-count).map((line) => line.text);
  }

  #level(text: string): LogLine['level'] {
    const name = HEAD.exec(text)?.[1];
    if (name && name in LEVELS) {
      this.#inTraceback = false;
      return LEVELS[name as keyof typeof LEVELS];
    }
    if (text.startsWith('Traceback ')) this.#inTraceback = true;
    return this.#inTraceback ? 'error' : 'plain';
  }
}
