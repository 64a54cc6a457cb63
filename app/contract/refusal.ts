import type { Case, ValuesOf } from './cases.ts';
import type { Code, Failure, Trouble, Values } from './failure.ts';

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
  static of({ code, message, ...more }: Trouble | Failure): Refusal {
    return new Refusal(code, message, more);
  }
}

/** A sentence of the closed list, with every value that it needs. */
export const sentence = <C extends Case>(
  code: Code,
  name: C,
  values: ValuesOf<C>,
  message: string,
  hint: string | null = null,
): Trouble => ({ code, message, hint, case: name, values });
