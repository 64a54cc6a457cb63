import type { Sayable } from '../words/said.ts';
import { useSaid, useWords } from '../words/words.ts';
import { cx } from './cx.ts';
import s from './Saying.module.css';

/** What went wrong and what to do, in one line of the page’s language; English without a translation is folded away. */
export function Saying({ what }: { what: Sayable }) {
  const { message, hint, details } = useSaid()(what);
  return (
    <>
      {message} {hint} {details && <Details text={details} />}
    </>
  );
}

/** What a person who helps wants to read, and nobody else. */
export function Details({ text }: { text: string }) {
  const words = useWords();
  return (
    <details className={cx(s.details)}>
      <summary>{words.details}</summary>
      <pre lang="en">{text}</pre>
    </details>
  );
}
