import { ChevronUp } from 'lucide-react';
import { memo, useLayoutEffect, useRef, useState } from 'react';
import { Button as AriaButton, ToggleButton } from 'react-aria-components';
import type { LogLine } from '../../contract/event.ts';
import { cx } from '../controls/cx.ts';
import { openLog, useSheets } from '../state/sheets.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './LogDrawer.module.css';
import { LogTools } from './LogTools.tsx';
import { everything, sift } from './sieve.ts';

/** Who is this near to the last line reads along, in pixels. */
const NEAR = 12;

/** What the machine says while it works, out of the way until it is wanted. */
export function LogDrawer() {
  const words = useWords().log;
  const log = useWorld((world) => world.log);
  const open = useSheets((sheets) => sheets.log);
  const [follow, setFollow] = useState(true);
  const [sieve, setSieve] = useState(everything);
  const panel = useRef<HTMLDivElement>(null);
  const top = useRef(0);
  const shown = open ? sift(log, sieve) : log;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new in the log is what it follows
  useLayoutEffect(() => {
    if (open && follow) panel.current?.scrollTo({ top: panel.current.scrollHeight });
  }, [open, follow, log, sieve]);

  /** Scrolling up stops following, and coming back to the end goes on with it; what is new alone does neither. */
  const onScroll = ({ scrollTop, clientHeight, scrollHeight }: HTMLDivElement): void => {
    const atEnd = scrollTop + clientHeight >= scrollHeight - NEAR;
    if (atEnd) setFollow(true);
    else if (scrollTop < top.current) setFollow(false);
    top.current = scrollTop;
  };

  return (
    <section className={cx(s.drawer)} aria-label={words.label}>
      <div className={cx(s.head)}>
        <AriaButton className={cx(s.handle)} aria-expanded={open} onPress={() => openLog(!open)}>
          <ChevronUp size={15} aria-hidden="true" className={cx(s.arrow, open && s.open)} />
          <span>{words.label}</span>
          {open ? (
            <span className={cx(s.last)}>
              {shown.length === log.length ? words.lines(log.length) : words.found(shown.length, log.length)}
            </span>
          ) : (
            <span className={cx(s.last)} lang="en">
              {log.at(-1)?.text}
            </span>
          )}
        </AriaButton>
        {open && (
          <ToggleButton className={cx(s.follow)} isSelected={follow} onChange={setFollow}>
            {words.follow}
          </ToggleButton>
        )}
      </div>
      {open && (
        <>
          <LogTools log={log} shown={shown} sieve={sieve} onSieve={setSieve} />
          <div
            className={cx(s.panel)}
            ref={panel}
            role="log"
            aria-live="off"
            aria-label={words.label}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
            tabIndex={0}
            onScroll={(event) => onScroll(event.currentTarget)}
          >
            {shown.length === 0 && <p>{log.length === 0 ? words.empty : words.none}</p>}
            {shown.map((line) => (
              <Line key={line.n} line={line} />
            ))}
          </div>
        </>
      )}
    </section>
  );
}

const Line = memo(({ line }: { line: LogLine }) => (
  <p className={cx(s[line.level])} lang="en">
    {line.text}
  </p>
));
