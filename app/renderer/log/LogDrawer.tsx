import { ChevronUp, Copy } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button as AriaButton, ToggleButton } from 'react-aria-components';
import { Button } from '../controls/Button.tsx';
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
  const [copied, setCopied] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  const last = log.at(-1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last line is what it follows
  useEffect(() => {
    if (open && follow) panel.current?.scrollTo({ top: panel.current.scrollHeight });
  }, [open, follow, last?.n]);

  const copy = (): void => {
    void navigator.clipboard.writeText(log.map((line) => line.text).join('\n')).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  };
  return (
    <section className={cx(s.drawer)} aria-label={words.label}>
      <div className={cx(s.head)}>
        <AriaButton className={cx(s.handle)} aria-expanded={open} onPress={() => setOpen(!open)}>
          <ChevronUp size={15} aria-hidden="true" className={cx(s.arrow, open && s.open)} />
          <span>{words.label}</span>
          <span className={cx(s.last)}>{open ? words.lines(log.length) : last?.text}</span>
        </AriaButton>
        {open && (
          <>
            <ToggleButton className={cx(s.follow)} isSelected={follow} onChange={setFollow}>
              {words.follow}
            </ToggleButton>
            <Button look="plain" onPress={copy}>
              <Copy size={14} aria-hidden="true" />
              {copied ? words.copied : words.copy}
            </Button>
          </>
        )}
      </div>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <div className={cx(s.panel)} ref={panel} role="log" aria-live="off" aria-label={words.label} tabIndex={0}>
          {log.length === 0 && <p>{words.empty}</p>}
          {log.map((line) => (
            <p key={line.n} className={cx(s[line.level])}>
              {line.text}
            </p>
          ))}
        </div>
      )}
    </section>
  );
}
