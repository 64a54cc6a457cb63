import type { Code, Failure, Values } from './failure.ts';

interface More {
  readonly hint?: string | null;
  readonly field?: string | null;
  readonly case?: string | null;
  readonly values?: Values;
}

/** A `Failure` that can be thrown. */
export class Refusal extends Error {
  readonly failure: Failure;
  constructor(code: Code, message: string, more: More = {}) {
    super(message);
    this.name = 'Refusal';
    this.failure = { hint: null, field: null, case: null, values: {}, ...more, code, message };
  }
  static of({ code, message, ...more }: Failure): Refusal {
    return new Refusal(code, message, more);
  }
}
