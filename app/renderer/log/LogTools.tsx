import { Copy, FolderOpen, Save } from 'lucide-react';
import type { LogLine } from '../../contract/event.ts';
import { bridge } from '../bridge/bridge.ts';
import { Button } from '../controls/Button.tsx';
import { CopyButton } from '../controls/CopyButton.tsx';
import { cx } from '../controls/cx.ts';
import { refuse } from '../state/form.ts';
import { useWords } from '../words/words.ts';
import s from './LogTools.module.css';
import { partsOf, type Sieve } from './sieve.ts';

const textOf = (lines: readonly LogLine[]): string => lines.map((line) => line.text).join('\n');

/** Hands the lines to the browser as a file. */
function save(lines: readonly LogLine[]): void {
  const address = URL.createObjectURL(new Blob([`${textOf(lines)}\n`], { type: 'text/plain' }));
  Object.assign(document.createElement('a'), { href: address, download: 'artifex-log.txt' }).click();
  URL.revokeObjectURL(address);
}

interface Props {
  readonly log: readonly LogLine[];
  /** The lines that the sieve lets through. */
  readonly shown: readonly LogLine[];
  readonly sieve: Sieve;
  readonly onSieve: (sieve: Sieve) => void;
}

/** What can be done with the log: look for something in it, and take it away. */
export function LogTools({ log, shown, sieve, onSieve }: Props) {
  const words = useWords().log;
  const showLog = bridge.showLog;
  return (
    <div className={cx(s.tools)}>
      <input
        type="search"
        className={cx(s.box, s.text)}
        aria-label={words.find}
        placeholder={words.find}
        value={sieve.text}
        onChange={(event) => onSieve({ ...sieve, text: event.target.value })}
      />
      <select
        className={cx(s.box)}
        aria-label={words.part}
        value={sieve.part}
        onChange={(event) => onSieve({ ...sieve, part: event.target.value as Sieve['part'] })}
      >
        <option value="all">{words.all}</option>
        <option value="troubles">{words.troubles}</option>
        {partsOf(log).map((part) => (
          <option key={part} value={part} lang="en">
            {part}
          </option>
        ))}
      </select>
      <CopyButton look="chip" text={() => textOf(shown)}>
        <Copy size={14} aria-hidden="true" />
        {words.copy}
      </CopyButton>
      <Button look="chip" onPress={() => save(shown)}>
        <Save size={14} aria-hidden="true" />
        {words.save}
      </Button>
      {showLog && (
        <Button look="chip" onPress={() => void showLog().catch(refuse)}>
          <FolderOpen size={14} aria-hidden="true" />
          {words.folder}
        </Button>
      )}
    </div>
  );
}
