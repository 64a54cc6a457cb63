import type { Code, Failure } from './failure.ts';

/** A `Failure` that can be thrown. */
export class Refusal extends Error {
  readonly failure: Failure;
  constructor(code: Code, message: string, hint: string | null = null, field: string | null = null) {
    super(message);
    this.name = 'Refusal';
    this.failure = { code, message, hint, field };
  }
  static of(failure: Failure): Refusal {
    return new Refusal(failure.code, failure.message, failure.hint, failure.field);
  }
}
