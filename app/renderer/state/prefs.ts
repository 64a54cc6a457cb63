import { create } from 'zustand';

export type Theme = 'auto' | 'light' | 'dark';
export type Language = 'en' | 'ko';

interface Prefs {
  readonly theme: Theme;
  readonly language: Language;
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

export const usePrefs = create<Prefs>(() => ({
  theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
  language: language.startsWith('ko') ? 'ko' : 'en',
}));

const show = ({ theme, language }: Prefs): void => {
  document.documentElement.dataset.theme = theme;
  document.documentElement.lang = language;
};
show(usePrefs.getState());

usePrefs.subscribe((prefs) => {
  show(prefs);
  try {
    localStorage.setItem('artifex-theme', prefs.theme);
    localStorage.setItem('artifex-language', prefs.language);
  } catch {
    // a private window keeps nothing
  }
});
