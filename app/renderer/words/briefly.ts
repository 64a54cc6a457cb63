import type { Verdict } from '../../contract/verdict.ts';
import { clock } from './clock.ts';
import type { Words } from './en.ts';

const GB = 1e9;

/** What a video would take, in a few words: “About 5 s · 0.9 GB of memory”. What is not known is left out. */
export function briefly({ seconds, denoise, decode, ram }: Verdict, words: Words): string {
  const gpu = denoise === null || decode === null ? null : Math.max(denoise, decode);
  const memory = gpu ?? ram;
  const size = memory === null ? '' : Math.max(0.1, memory / GB).toFixed(1);
  return [
    seconds === null ? '' : words.verdict.time(about(seconds, words)),
    memory === null ? '' : gpu === null ? words.verdict.memory(size) : words.verdict.gpuMemory(size),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Of a guess, no tenths are told. */
const about = (seconds: number, words: Words): string =>
  seconds < 60 ? words.length.seconds(String(Math.max(1, Math.round(seconds)))) : clock(seconds, words);
