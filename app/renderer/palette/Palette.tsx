import { Search } from 'lucide-react';
import { Autocomplete, Input, Menu, MenuItem, TextField } from 'react-aria-components';
import { cx } from '../controls/cx.ts';
import { Sheet } from '../controls/Sheet.tsx';
import box from '../controls/TextBox.module.css';
import { Caps } from '../keys/Caps.tsx';
import { finds } from '../keys/find.ts';
import { canRun, runs } from '../keys/runs.ts';
import { type ActionId, actionIds } from '../keys/table.ts';
import { languages, useWords } from '../words/words.ts';
import s from './Palette.module.css';

/** The sheet gives the focus back before anything else opens. */
const CLOSED_MS = 50;

/** What an action is called, in every language. */
const namesOf = (id: ActionId): string =>
  Object.values(languages)
    .map(({ actions }) => actions[id])
    .join(' ');

/** Everything the page can do, found by a word of either language and done by keyboard alone. */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const words = useWords().palette;
  return (
    <Sheet title={words.title} open={open} onClose={onClose} foot={<p className={cx(s.note)}>{words.note}</p>}>
      <Autocomplete filter={finds}>
        <TextField className={cx(box.field)} aria-label={words.label} autoFocus>
          <div className={cx(box.box, s.box)}>
            <Search size={16} aria-hidden="true" />
            <Input className={cx(box.input)} placeholder={words.label} />
          </div>
        </TextField>
        <Actions onChosen={onClose} />
      </Autocomplete>
    </Sheet>
  );
}

function Actions({ onChosen }: { onChosen: () => void }) {
  const words = useWords();
  const possible = actionIds.filter((id) => id !== 'palette' && canRun(id));
  return (
    <Menu
      className={cx(s.list)}
      aria-label={words.palette.title}
      items={possible.map((id) => ({ id }))}
      onAction={(id) => {
        onChosen();
        setTimeout(runs[id as ActionId].run, CLOSED_MS);
      }}
      renderEmptyState={() => <p className={cx(s.none)}>{words.palette.none}</p>}
    >
      {({ id }) => (
        <MenuItem id={id} textValue={namesOf(id)} className={cx(s.item)}>
          <span>{words.actions[id]}</span>
          <Caps of={id} />
        </MenuItem>
      )}
    </Menu>
  );
}
