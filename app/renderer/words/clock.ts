import type { Words } from './en.ts';

/** “7 s”, “1:05”, “1:02:03”. */
export function clock(seconds: number, words: Words): string {
  const whole = Math.max(0, Math.round(seconds));
  if (seconds < 60) return words.length.seconds(seconds < 10 ? Math.max(0, seconds).toFixed(1) : String(whole));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
