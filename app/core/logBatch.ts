import type { LogLine } from '../contract/event.ts';

/** Collects log lines for a moment, so that a flood of them is a few events a second, and no longer than can be read. */
export class LogBatch {
  readonly #tell: (lines: LogLine[]) => void;
  readonly #every: number;
  readonly #room: number;
  #lines: LogLine[] = [];
  #passed = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(tell: (lines: LogLine[]) => void, every = 100, room = 200) {
    this.#tell = tell;
    this.#every = every;
    this.#room = room;
  }

  add(line: LogLine): void {
    if (this.#lines.at(-1)?.transient) this.#lines.pop();
    this.#lines.push(line);
    if (this.#lines.length > 2 * this.#room) this.#crop();
    this.#timer ??= setTimeout(() => this.flush(), this.#every);
  }

  /** Tells at once what has been collected. */
  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#lines.length > this.#room - Math.sign(this.#passed)) this.#crop();
    const lines = this.#lines;
    const [first] = lines;
    if (first && this.#passed > 0) {
      const text = `… ${this.#passed} lines came too fast to be shown here …`;
      lines.unshift({ n: first.n - 1, level: 'plain', text, transient: false });
    }
    this.#lines = [];
    this.#passed = 0;
    if (lines.length > 0) this.#tell(lines);
  }

  #crop(): void {
    const kept = this.#lines.slice(1 - this.#room);
    this.#passed += this.#lines.length - kept.length;
    this.#lines = kept;
  }
}
