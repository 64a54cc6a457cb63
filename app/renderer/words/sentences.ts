import type { Case, ValuesOf } from '../../contract/cases.ts';

/** A sentence and what to do, for every case. A value stands apart from the words, so that no particle hangs on it. */
export type Sentences = { readonly [C in Case]: (v: ValuesOf<C>) => readonly [message: string, hint: string] };
