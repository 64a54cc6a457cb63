import { create } from 'zustand';
import type { Preferences } from '../../contract/method.ts';
import { bridge } from '../bridge/bridge.ts';

export type Theme = NonNullable<Preferences['theme']>;
export type Language = NonNullable<Preferences['language']>;

interface Prefs {
  readonly theme: Theme;
  readonly language: Language;
  /** GiB of GPU memory that may be used; 0: all that is free. */
  readonly vram: number;
  readonly contrast: boolean;
  readonly notices: boolean;
  readonly greeted: boolean;
}

const kept = (name: string): string | null => {
  try {
    return localStorage.getItem(`artifex-${name}`);
  } catch {
    return null;
  }
};

const theme = kept('theme');
const language = kept('language') ?? navigator.language;

/** Kept by the sidecar, for every window and every port; this browser's copy is for the first paint alone. */
export const usePrefs = create<Prefs>(() => ({
  theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
  language: language.startsWith('ko') ? 'ko' : 'en',
  vram: 0,
  contrast: kept('contrast') === 'true',
  notices: false,
  greeted: false,
}));

const asked = window.matchMedia('(prefers-contrast: more)');

const show = ({ theme, language, contrast }: Prefs): void => {
  const { dataset } = document.documentElement;
  dataset.theme = theme;
  dataset.contrast = contrast || asked.matches ? 'more' : 'usual';
  document.documentElement.lang = language;
};
show(usePrefs.getState());
asked.addEventListener('change', () => show(usePrefs.getState()));

usePrefs.subscribe((prefs) => {
  show(prefs);
  try {
    localStorage.setItem('artifex-theme', prefs.theme);
    localStorage.setItem('artifex-language', prefs.language);
    localStorage.setItem('artifex-contrast', String(prefs.contrast));
  } catch {
    // a private window keeps nothing
  }
});

/** What was chosen here and the sidecar has not heard of yet. */
let unsaid: Partial<Prefs> = {};

export function choose(change: Partial<Prefs>): void {
  usePrefs.setState(change);
  unsaid = { ...unsaid, ...change };
  void say();
}

async function say(): Promise<void> {
  const saying = unsaid;
  try {
    const { vram, ...rest } = saying;
    await bridge.call('prefer', { preferences: { ...rest, ...(vram === undefined ? {} : { vram_gib: vram }) } });
    if (unsaid === saying) unsaid = {};
  } catch {
    // said again with the next snapshot
  }
}

/** Takes over what the sidecar remembers, unless it was just chosen otherwise here. */
export function adopt({ language, theme, vram_gib, contrast, notices, greeted }: Preferences): void {
  if (Object.keys(unsaid).length > 0) return void say();
  const shown = usePrefs.getState();
  usePrefs.setState({
    language: language ?? shown.language,
    theme: theme ?? shown.theme,
    vram: vram_gib ?? 0,
    contrast: contrast ?? shown.contrast,
    notices: notices ?? false,
    greeted: greeted ?? false,
  });
}
