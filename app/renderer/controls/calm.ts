import { useSyncExternalStore } from 'react';

const calm = window.matchMedia('(prefers-reduced-motion: reduce)');

const onCalm = (tell: () => void): (() => void) => {
  calm.addEventListener('change', tell);
  return () => calm.removeEventListener('change', tell);
};

/** Whether the person wants nothing to move by itself. */
export const useCalm = (): boolean => useSyncExternalStore(onCalm, () => calm.matches);
