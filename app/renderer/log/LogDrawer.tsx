import { ChevronUp, Copy } from 'lucide-react';
import { memo, useLayoutEffect, useRef, useState } from 'react';
import { Button as AriaButton, ToggleButton } from 'react-aria-components';
import type { LogLine } from '../../contract/event.ts';
import { CopyButton } from '../controls/CopyButton.tsx';
import { cx } from '../controls/cx.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './LogDrawer.module.css';

/** What the machine says while it works, out of the way until it is wanted. */
export function LogDrawer() {
  const words = useWords().log;
  const log = useWorld((world) => world.log);
  const [open, setOpen] = useState(false);
  const [follow, setFollow] = useState(true);
  const panel = useRef<HTMLDivElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new in the log is what it follows
  useLayoutEffect(() => {
    if (open && follow) panel.current?.scrollTo({ top: panel.current.scrollHeight });
  }, [open, follow, log]);

  return (
    <section className={cx(s.drawer)} aria-label={words.label}>
      <div className={cx(s.head)}>
        <AriaButton className={cx(s.handle)} aria-expanded={open} onPress={() => setOpen(!open)}>
          <ChevronUp size={15} aria-hidden="true" className={cx(s.arrow, open && s.open)} />
          <span>{words.label}</span>
          {open ? (
            <span className={cx(s.last)}>{words.lines(log.length)}</span>
          ) : (
            <span className={cx(s.last)} lang="en">
              {log.at(-1)?.text}
            </span>
          )}
        </AriaButton>
        {open && (
          <>
            <ToggleButton className={cx(s.follow)} isSelected={follow} onChange={setFollow}>
              {words.follow}
            </ToggleButton>
            <CopyButton look="plain" text={() => log.map((line) => line.text).join('\n')}>
              <Copy size={14} aria-hidden="true" />
              {words.copy}
            </CopyButton>
          </>
        )}
      </div>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <div className={cx(s.panel)} ref={panel} role="log" aria-live="off" aria-label={words.label} tabIndex={0}>
          {log.length === 0 && <p>{words.empty}</p>}
          {log.map((line) => (
            <Line key={line.n} line={line} />
          ))}
        </div>
      )}
    </section>
  );
}

const Line = memo(({ line }: { line: LogLine }) => (
  <p className={cx(s[line.level])} lang="en">
    {line.text}
  </p>
));
