import { type Case, cases, type ValuesOf } from '../../contract/cases.ts';
import type { Code, Values } from '../../contract/failure.ts';
import type { Language } from '../state/prefs.ts';
import { koCases } from './ko-cases.ts';
import { koCodes } from './ko-codes.ts';

/** Something that was said in English, and what another language needs to say it. */
export interface Sayable {
  readonly code: Code | null;
  readonly message: string;
  readonly hint: string | null;
  readonly case: string | null;
  readonly values: Values;
}

/** The same in the language of the page. `details` is the English, where it says more than the page has words for. */
export interface Said {
  readonly message: string;
  readonly hint: string;
  readonly details: string;
}

/** Values that are themselves English: what a library or the system said. */
const FOREIGN = ['said', 'error'];

const english = ({ message, hint }: Sayable): string => [message, hint].filter(Boolean).join(' ');

const isCase = (name: string): name is Case => Object.hasOwn(cases, name);

const hasValues = <C extends Case>(name: C, values: Values): values is Values & ValuesOf<C> =>
  cases[name].every((value) => Object.hasOwn(values, value));

function sentence<C extends Case>(name: C, values: Values): readonly [string, string] | null {
  return hasValues(name, values) ? koCases[name](values) : null;
}

/** Says it: in Korean by its case, else by its code; a case or a value of another version is no reason to say nothing. */
export function said(what: Sayable, language: Language): Said {
  if (language === 'en') return { message: what.message, hint: what.hint ?? '', details: '' };
  const known = what.case !== null && isCase(what.case) ? sentence(what.case, what.values) : null;
  if (known) {
    const foreign = FOREIGN.some((value) => Object.hasOwn(what.values, value));
    // Any case may come with it: what set a job aside is said with how often it happened.
    const again = Object.hasOwn(what.values, 'times') ? ` ${what.values.times}번째입니다.` : '';
    return { message: known[0] + again, hint: known[1], details: foreign ? english(what) : '' };
  }
  const [message, hint] = what.code === null ? ['', ''] : koCodes[what.code];
  return { message, hint, details: english(what) };
}
