import { History } from 'lucide-react';
import { useState } from 'react';
import {
  Autocomplete,
  Dialog,
  DialogTrigger,
  Input,
  ListBox,
  ListBoxItem,
  Popover,
  SearchField,
  useFilter,
} from 'react-aria-components';
import { flushSync } from 'react-dom';
import { bridge } from '../bridge/bridge.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { refuse } from '../state/form.ts';
import { useWords } from '../words/words.ts';
import { begin } from './begin.ts';
import s from './PromptHistory.module.css';

/** The prompts asked for lately, found by a word and taken with Enter. */
export function PromptHistory() {
  const words = useWords().create.history;
  const { contains } = useFilter({ sensitivity: 'base' });
  const [open, setOpen] = useState(false);
  const [prompts, setPrompts] = useState<readonly string[]>([]);
  const turn = async (wanted: boolean): Promise<void> => {
    if (!wanted) return setOpen(false);
    try {
      setPrompts((await bridge.call('prompts', {})).prompts);
      setOpen(true);
    } catch (why) {
      refuse(why);
    }
  };
  const take = (prompt: string): void => {
    flushSync(() => setOpen(false)); // while the list is open it keeps the focus
    begin(prompt);
  };
  return (
    <DialogTrigger isOpen={open} onOpenChange={(wanted) => void turn(wanted)}>
      <Button look="plain" aria-label={words.label} aria-haspopup="dialog">
        <History size={15} aria-hidden="true" />
      </Button>
      <Popover className={cx(s.popover)} placement="bottom end">
        <Dialog className={cx(s.dialog)} aria-label={words.label}>
          <Autocomplete filter={contains}>
            <SearchField className={cx(s.search)} aria-label={words.search} autoFocus>
              <Input className={cx(s.input)} placeholder={words.search} />
            </SearchField>
            <ListBox
              className={cx(s.list)}
              aria-label={words.label}
              items={prompts.map((prompt) => ({ prompt }))}
              renderEmptyState={() => <p className={cx(s.empty)}>{prompts.length === 0 ? words.empty : words.none}</p>}
            >
              {({ prompt }) => (
                <ListBoxItem id={prompt} textValue={prompt} className={cx(s.item)} onAction={() => take(prompt)}>
                  <span className={cx(s.prompt)}>{prompt}</span>
                </ListBoxItem>
              )}
            </ListBox>
          </Autocomplete>
          <p className={cx(s.keys)}>{words.keys}</p>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
