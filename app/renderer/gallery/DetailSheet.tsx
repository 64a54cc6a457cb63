import {
  ChevronLeft,
  ChevronRight,
  Download,
  FolderOpen,
  RotateCcw,
  SkipBack,
  SkipForward,
  Sprout,
  Star,
  TextCursorInput,
  Trash2,
} from 'lucide-react';
import { ToggleButton } from 'react-aria-components';
import type { Entry } from '../../contract/gallery.ts';
import { bridge } from '../bridge/bridge.ts';
import { goOn } from '../composer/goOn.ts';
import { Button } from '../controls/Button.tsx';
import { CopyButton } from '../controls/CopyButton.tsx';
import { cx } from '../controls/cx.ts';
import { Sheet } from '../controls/Sheet.tsx';
import { startFrom } from '../stage/frame.ts';
import { reuse } from '../stage/reuse.ts';
import { neighbour } from '../state/album.ts';
import { edit } from '../state/form.ts';
import { look, lookOn, mark, remove, reveal, useGallery } from '../state/gallery.ts';
import { usePrefs } from '../state/prefs.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './DetailSheet.module.css';
import { type Film, useFilm } from './film.ts';
import { useSheetKeys } from './keys.ts';
import { PhaseBar } from './PhaseBar.tsx';
import { settingsOf } from './settings.ts';
import { Transport } from './Transport.tsx';
import { UndoLine } from './UndoLine.tsx';

/** One video, all that made it, and what to do with it next. */
export function DetailSheet() {
  const words = useWords().gallery;
  const entry = useGallery(({ entries, shown }) => entries.find((one) => one.job === shown));
  return (
    <Sheet
      wide
      title={words.label}
      open={entry !== undefined}
      onClose={() => look(null)}
      foot={entry && <Actions entry={entry} />}
    >
      {entry && <Detail entry={entry} />}
    </Sheet>
  );
}

const inForm = (use: () => void) => (): void => {
  use();
  goOn();
};

function Actions({ entry }: { entry: Entry }) {
  const words = useWords();
  const { request, output, missing } = entry;
  const address = bridge.mediaUrl(output);
  const takeFrame = (frame: number) => inForm(() => startFrom(entry, frame));
  return (
    <>
      <Button look="solid" onPress={inForm(() => reuse(entry))}>
        <RotateCcw size={15} aria-hidden="true" />
        {words.gallery.useAll}
      </Button>
      <Button onPress={inForm(() => edit({ prompt: request.prompt }))}>
        <TextCursorInput size={15} aria-hidden="true" />
        {words.gallery.usePrompt}
      </Button>
      <Button onPress={inForm(() => edit({ seed: request.seed }))}>
        <Sprout size={15} aria-hidden="true" />
        {words.gallery.useSeed}
      </Button>
      {!missing && (
        <>
          <Button onPress={takeFrame(0)}>
            <SkipBack size={15} aria-hidden="true" />
            {words.stage.firstFrame}
          </Button>
          <Button onPress={takeFrame(request.frames - 1)}>
            <SkipForward size={15} aria-hidden="true" />
            {words.stage.lastFrame}
          </Button>
          {bridge.reveal && (
            <Button onPress={() => void reveal(entry)}>
              <FolderOpen size={15} aria-hidden="true" />
              {words.stage.reveal}
            </Button>
          )}
          <a className={cx(s.link)} href={address} download={`artifex-${request.seed}.mp4`}>
            <Download size={15} aria-hidden="true" />
            {words.stage.download}
          </a>
        </>
      )}
      <ToggleButton className={cx(s.mark)} isSelected={entry.favourite} onChange={() => void mark(entry)}>
        <Star size={15} aria-hidden="true" />
        {words.gallery.mark}
      </ToggleButton>
      <Button onPress={() => void remove(entry)}>
        <Trash2 size={15} aria-hidden="true" />
        {missing ? words.gallery.takeOut : words.gallery.remove}
      </Button>
    </>
  );
}

function Detail({ entry }: { entry: Entry }) {
  const words = useWords();
  const album = useGallery();
  const models = useWorld((world) => world.models);
  const language = usePrefs((prefs) => prefs.language);
  const { request, output, missing } = entry;
  const film = useFilm(output, request.frames, request.fps);
  useSheetKeys({
    ' ': film.toggle,
    ',': () => film.step(-1),
    '.': () => film.step(1),
    ArrowLeft: () => lookOn(-1),
    ArrowRight: () => lookOn(1),
    f: () => void mark(entry),
    Delete: () => void remove(entry),
  });
  const made = new Date(entry.created).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <div className={cx(s.detail)}>
      <div className={cx(s.show)}>
        {missing ? <p className={cx(s.gone)}>{words.gallery.missing}</p> : <Screen entry={entry} film={film} />}
        <div className={cx(s.way)}>
          <Button
            look="icon"
            aria-label={words.gallery.previous}
            isDisabled={!neighbour(album, -1)}
            onPress={() => lookOn(-1)}
          >
            <ChevronLeft size={18} aria-hidden="true" />
          </Button>
          <p className={cx(s.keys)}>{words.gallery.playerKeys}</p>
          <Button
            look="icon"
            aria-label={words.gallery.next}
            isDisabled={!neighbour(album, 1)}
            onPress={() => lookOn(1)}
          >
            <ChevronRight size={18} aria-hidden="true" />
          </Button>
        </div>
        <UndoLine />
      </div>
      <div className={cx(s.about)}>
        <dl className={cx(s.settings)}>
          {[...settingsOf(request, words, models), { name: words.gallery.made, value: made }]
            .filter(({ value }) => value !== '')
            .map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
        </dl>
        {entry.seconds && <PhaseBar seconds={entry.seconds} />}
        <div>
          <CopyButton look="chip" text={() => JSON.stringify(request, null, 2)}>
            {words.gallery.copy}
          </CopyButton>
        </div>
      </div>
    </div>
  );
}

function Screen({ entry: { request, output }, film }: { entry: Entry; film: Film }) {
  const words = useWords().gallery;
  return (
    <>
      <video
        key={output}
        ref={film.video}
        className={cx(s.video)}
        src={bridge.mediaUrl(output)}
        aria-label={words.video(request.prompt)}
        onClick={film.toggle}
        loop
        muted
        playsInline
      />
      <Transport film={film} frames={request.frames} label={words.video(request.prompt)} />
    </>
  );
}
