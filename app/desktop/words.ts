import { setTimeout as sleep } from 'node:timers/promises';
import type { Core } from '../core/core.ts';

const en = {
  quit: {
    title: 'A video is being made.',
    detail: 'If you quit now, it is interrupted; it is made again when Artifex is next opened.',
    stay: 'Keep going',
    leave: 'Quit',
  },
  edit: { title: 'Edit', cut: 'Cut', copy: 'Copy', paste: 'Paste', selectAll: 'Select all' },
  view: { title: 'View', bigger: 'Larger', smaller: 'Smaller', usual: 'Usual size', full: 'Full screen' },
  setup: {
    title: 'Getting Artifex ready',
    detail: 'This happens once and takes some minutes. You may close the window: the next start goes on from here.',
    failed: 'Artifex could not be made ready',
  },
} as const;

const ko: Words = {
  quit: {
    title: '영상을 만드는 중입니다.',
    detail: '지금 끝내면 작업이 중단되고, 다음에 Artifex를 열 때 다시 만듭니다.',
    stay: '계속 만들기',
    leave: '끝내기',
  },
  edit: { title: '편집', cut: '잘라내기', copy: '복사', paste: '붙여넣기', selectAll: '모두 선택' },
  view: { title: '보기', bigger: '크게', smaller: '작게', usual: '원래 크기', full: '전체 화면' },
  setup: {
    title: 'Artifex를 준비하고 있습니다',
    detail: '처음 한 번만, 몇 분 걸립니다. 창을 닫아도 됩니다. 다음에 열면 이어서 합니다.',
    failed: 'Artifex를 준비하지 못했습니다',
  },
};

type Spoken<T> = { readonly [K in keyof T]: T[K] extends string ? string : Spoken<T[K]> };
/** What the desktop says outside of the page: dialogs, notices, menus. */
export type Words = Spoken<typeof en>;

/** The words in the language a person chose, or else in their system's. */
export async function wordsOf(core: Core | null, locale: string): Promise<Words> {
  const asked = core?.call('snapshot', {}).catch(() => null);
  const snapshot = await Promise.race([asked, sleep(1000, null, { ref: false })]); // it may be the one that hangs
  const language = snapshot?.preferences.language ?? (locale.startsWith('ko') ? 'ko' : 'en');
  return { en, ko }[language];
}
