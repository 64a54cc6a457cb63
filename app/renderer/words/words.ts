import { usePrefs } from '../state/prefs.ts';
import { en, type Words } from './en.ts';
import { ko } from './ko.ts';
import { type Said, type Sayable, said } from './said.ts';

export const languages = { en, ko } as const;

/** The words of the chosen language; the page draws itself anew when it changes. */
export const useWords = (): Words => languages[usePrefs((prefs) => prefs.language)];

/** The same at this moment, for what is said outside of the page. */
export const wordsNow = (): Words => languages[usePrefs.getState().language];

/** How something gone wrong is said in the chosen language. */
export function useSaid(): (what: Sayable) => Said {
  const language = usePrefs((prefs) => prefs.language);
  return (what) => said(what, language);
}
