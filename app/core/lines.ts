import { StringDecoder } from 'node:string_decoder';

export interface Line {
  readonly text: string;
  /** Ended by a lone carriage return: a bar that will be drawn again. */
  readonly transient: boolean;
}

/** Turns bytes, cut anywhere, into whole lines. LF and CRLF end a line; with `bars`, a lone CR ends a transient one. */
export class Lines {
  readonly #decoder = new StringDecoder('utf8');
  readonly #bars: boolean;
  readonly #longest: number;
  #rest = '';

  constructor(options: { bars?: boolean; longest?: number } = {}) {
    this.#bars = options.bars ?? false;
    this.#longest = options.longest ?? 4 * 1024 * 1024;
  }

  push(bytes: Buffer): Line[] {
    return this.#split(this.#rest + this.#decoder.write(bytes));
  }

  /** What is left when the stream ends without a line break. */
  end(): Line[] {
    const text = this.#rest + this.#decoder.end();
    this.#rest = '';
    return text === '' ? [] : [{ text: text.replace(/\r$/, ''), transient: false }];
  }

  #split(text: string): Line[] {
    const lines: Line[] = [];
    let from = 0;
    // A CR at the very end may be the first half of CRLF: it waits for the next byte.
    const ends = this.#bars ? /\r\n|\n|\r(?!$)/g : /\r?\n/g;
    for (const end of text.matchAll(ends)) {
      lines.push({ text: text.slice(from, end.index), transient: end[0] === '\r' });
      from = end.index + end[0].length;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length > this.#longest) {
      lines.push({ text: this.#rest, transient: false });
      this.#rest = '';
    }
    return lines;
  }
}
