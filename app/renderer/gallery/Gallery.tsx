import { Columns2, X } from 'lucide-react';
import { useDeferredValue, useEffect, useRef } from 'react';
import { Collection, GridLayout, GridList, GridListLoadMoreItem, Size, Virtualizer } from 'react-aria-components';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { isFiltered } from '../state/album.ts';
import { choose, closeGallery, compare, mark, narrow, readOn, remove, useGallery } from '../state/gallery.ts';
import { useWords } from '../words/words.ts';
import { Cell } from './Cell.tsx';
import { CompareSheet } from './CompareSheet.tsx';
import { DetailSheet } from './DetailSheet.tsx';
import { FilterBar } from './FilterBar.tsx';
import s from './Gallery.module.css';
import { UndoLine } from './UndoLine.tsx';

const WORDS = 56; // pixels under a picture
const NARROW = 200;
const WIDE = 340;
const sized = (width: number): Size => new Size(width, width * 0.625 + WORDS);
const layout = { minItemSize: sized(NARROW), maxItemSize: sized(WIDE), preserveAspectRatio: true };

/** What was pressed on its own: a letter with Ctrl, or in a syllable that is still being typed, is not ours. */
const isPlain = (event: KeyboardEvent): boolean =>
  !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;

/** Esc leaves; on a video, F marks it and Del throws it away. */
function useKeys(): void {
  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      const { entries, shown, comparing } = useGallery.getState();
      if (shown !== null || comparing || event.defaultPrevented || !isPlain(event)) return;
      const target = event.target as HTMLElement;
      if (target.closest('input:not([type="checkbox"]), [data-queue]')) return;
      if (event.key === 'Escape') leave();
      const job = target.closest<HTMLElement>('[data-gallery] [data-job]')?.dataset.job;
      const entry = entries.find((one) => one.job === job);
      if (entry && event.code === 'KeyF') void mark(entry);
      if (entry && event.key === 'Delete') void remove(entry);
    };
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, []);
}

const leave = (): void => {
  closeGallery();
  document.querySelector<HTMLElement>('[data-gallery-button]')?.focus();
};

/** Every video that was ever made: found, looked at, compared, used again, thrown away. */
export function Gallery() {
  const { close, gallery: words } = useWords();
  const album = useGallery();
  const { entries, count, loading, chosen } = album;
  const listed = useDeferredValue(album); // thousands take a while, in which keys are to be heard
  const place = useRef<HTMLElement>(null);
  useKeys();
  useEffect(() => place.current?.focus(), []);
  return (
    <section className={cx(s.gallery)} aria-label={words.title} ref={place} tabIndex={-1} data-gallery>
      <div className={cx(s.head)}>
        <h2 className={cx(s.title)}>{words.title}</h2>
        <p className={cx(s.count)} role="status">
          {count !== null && words.count(count)}
        </p>
        <Button look="icon" aria-label={close} onPress={leave}>
          <X size={17} aria-hidden="true" />
        </Button>
      </div>
      <FilterBar />
      <UndoLine />
      <Virtualizer layout={GridLayout} layoutOptions={layout}>
        <GridList
          aria-label={words.all}
          className={cx(s.grid)}
          layout="grid"
          selectionMode="multiple"
          selectedKeys={chosen}
          onSelectionChange={(keys) => keys !== 'all' && choose([...keys].map(String))}
          disallowTypeAhead
          renderEmptyState={() => count !== null && !loading && <Nothing />}
        >
          <Collection items={listed.entries}>{(entry) => <Cell id={entry.job} entry={entry} />}</Collection>
          <GridListLoadMoreItem isLoading={listed.more && listed.loading} onLoadMore={readOn} />
        </GridList>
      </Virtualizer>
      <div className={cx(s.foot)}>
        {chosen.length === 0 ? (
          <p className={cx(s.keys)}>{entries.length > 0 && words.keys}</p>
        ) : (
          <>
            <p role="status">{words.chosen(chosen.length)}</p>
            <Button isDisabled={chosen.length < 2} onPress={() => compare(true)}>
              <Columns2 size={15} aria-hidden="true" />
              {words.compare}
            </Button>
            <Button look="plain" onPress={() => choose([])}>
              {words.clear}
            </Button>
          </>
        )}
      </div>
      <DetailSheet />
      <CompareSheet />
    </section>
  );
}

function Nothing() {
  const words = useWords().gallery;
  const filtered = useGallery((album) => isFiltered(album.filter));
  return (
    <div className={cx(s.nothing)}>
      <p>{filtered ? words.nothing : words.empty}</p>
      {filtered && (
        <Button onPress={() => narrow({ text: '', model: null, favourite: false, since: 'ever' })}>
          {words.showAll}
        </Button>
      )}
    </div>
  );
}
