import { Refusal } from '../contract/refusal.ts';

interface Said {
  readonly message: string;
  readonly hint: string;
}

/** What to say of anything that was thrown while the app was starting. */
export function troubleOf(error: unknown): Said {
  if (error instanceof Refusal) return { message: error.message, hint: error.failure.hint ?? '' };
  console.error(error);
  const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : '';
  return { message: error instanceof Error ? error.message : String(error), hint };
}
