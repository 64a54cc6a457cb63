import { Search, Star, X } from 'lucide-react';
import { Input, SearchField, ToggleButton } from 'react-aria-components';
import { Button } from '../controls/Button.tsx';
import { Choice } from '../controls/Choice.tsx';
import { cx } from '../controls/cx.ts';
import type { Since } from '../state/album.ts';
import { narrow, useGallery } from '../state/gallery.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './FilterBar.module.css';

const ANY = '';
const DATES: readonly Since[] = ['ever', 'today', 'week', 'month'];

/** Which videos are shown. */
export function FilterBar() {
  const words = useWords();
  const { filter, made_with } = useGallery();
  const known = useWorld((world) => world.models);
  const named = made_with.map((id) => ({ id, name: known.find((model) => model.id === id)?.name ?? id }));
  return (
    <search className={cx(s.bar)}>
      <SearchField
        className={cx(s.search)}
        aria-label={words.gallery.search}
        value={filter.text}
        onChange={(text) => narrow({ text })}
      >
        <Search size={15} aria-hidden="true" />
        <Input className={cx(s.input)} placeholder={words.gallery.search} spellCheck={false} />
        {filter.text !== '' && (
          <Button look="icon">
            <X size={15} aria-hidden="true" />
          </Button>
        )}
      </SearchField>
      <Choice
        label={words.model.label}
        options={[{ id: ANY, name: words.gallery.anyModel }, ...named]}
        chosen={filter.model ?? ANY}
        onChoose={(id) => narrow({ model: id === ANY ? null : id })}
      />
      <Choice
        label={words.gallery.date}
        options={DATES.map((id) => ({ id, name: words.gallery.since[id] }))}
        chosen={filter.since}
        onChoose={(id) => narrow({ since: id as Since })}
      />
      <ToggleButton
        className={cx(s.favourites)}
        isSelected={filter.favourite}
        onChange={(favourite) => narrow({ favourite })}
      >
        <Star size={15} aria-hidden="true" />
        {words.gallery.favourites}
      </ToggleButton>
    </search>
  );
}
