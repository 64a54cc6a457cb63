import { usePrefs } from '../state/prefs.ts';
import { en, type Words } from './en.ts';
import { ko } from './ko.ts';
import { type Said, type Sayable, said } from './said.ts';

const languages = { en, ko } as const;

/** The words of the chosen language; the page draws itself anew when it changes. */
export const useWords = (): Words => languages[usePrefs((prefs) => prefs.language)];

/** How something gone wrong is said in the chosen language. */
export function useSaid(): (what: Sayable) => Said {
  const language = usePrefs((prefs) => prefs.language);
  return (what) => said(what, language);
}

/** “7 s”, “1:05”, “1:02:03”. */
export function clock(seconds: number, words: Words): string {
  const whole = Math.max(0, Math.round(seconds));
  if (seconds < 60) return words.length.seconds(seconds < 10 ? Math.max(0, seconds).toFixed(1) : String(whole));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
