import { Monitor, Moon, Sun } from 'lucide-react';
import { type Key, ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import { cx } from '../controls/cx.ts';
import { Mark } from '../controls/Mark.tsx';
import { Doctor } from '../doctor/Doctor.tsx';
import { GalleryButton } from '../gallery/GalleryButton.tsx';
import { Models } from '../models/Models.tsx';
import { QueueButton } from '../queue/QueueButton.tsx';
import { Settings } from '../settings/Settings.tsx';
import { choose, type Language, type Theme, usePrefs } from '../state/prefs.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './Header.module.css';

type Light = 'good' | 'busy' | 'waiting' | 'bad';

/** How things are, in one word and one light. */
function useCondition(): { light: Light; word: string; device: string | null } {
  const words = useWords().header;
  const link = useWorld((world) => world.link);
  const sidecar = useWorld((world) => world.sidecar);
  const engine = useWorld((world) => world.engine);
  const running = useWorld((world) => world.jobs.some((job) => job.state === 'running'));
  const device = engine.device;
  if (link !== 'live')
    return { light: 'waiting', word: link === 'connecting' ? words.starting : words.reconnecting, device };
  if (sidecar.state === 'failed' || sidecar.state === 'stopped') return { light: 'bad', word: words.stopped, device };
  if (sidecar.state !== 'ready') return { light: 'waiting', word: words.starting, device };
  return running ? { light: 'busy', word: words.busy, device } : { light: 'good', word: words.ready, device };
}

const pick = <T,>(keys: Set<Key>): T | undefined => [...keys][0] as T | undefined;

export function Header() {
  const words = useWords().header;
  const { theme, language } = usePrefs();
  const { light, word, device } = useCondition();
  return (
    <header className={cx(s.header)}>
      <Mark />
      <h1 className={cx(s.name)}>Artifex</h1>
      <p className={cx(s.condition, s[light])}>
        <span className={cx(s.light)} aria-hidden="true" />
        <span role="status">{word}</span>
        {device && <span className={cx(s.device)}>{device}</span>}
      </p>
      <div className={cx(s.switches)}>
        <GalleryButton />
        <QueueButton />
        <Models />
        <Settings />
        <Doctor />
        <ToggleButtonGroup
          className={cx(s.group)}
          aria-label={words.language}
          disallowEmptySelection
          selectedKeys={[language]}
          onSelectionChange={(keys) => choose({ language: pick<Language>(keys) ?? language })}
        >
          <ToggleButton id="en" className={cx(s.toggle)} aria-label="English">
            EN
          </ToggleButton>
          <ToggleButton id="ko" className={cx(s.toggle)} aria-label="한국어">
            한
          </ToggleButton>
        </ToggleButtonGroup>
        <ToggleButtonGroup
          className={cx(s.group)}
          aria-label={words.theme}
          disallowEmptySelection
          selectedKeys={[theme]}
          onSelectionChange={(keys) => choose({ theme: pick<Theme>(keys) ?? theme })}
        >
          <ToggleButton id="auto" className={cx(s.toggle)} aria-label={words.auto}>
            <Monitor size={15} aria-hidden="true" />
          </ToggleButton>
          <ToggleButton id="light" className={cx(s.toggle)} aria-label={words.light}>
            <Sun size={15} aria-hidden="true" />
          </ToggleButton>
          <ToggleButton id="dark" className={cx(s.toggle)} aria-label={words.dark}>
            <Moon size={15} aria-hidden="true" />
          </ToggleButton>
        </ToggleButtonGroup>
      </div>
    </header>
  );
}
