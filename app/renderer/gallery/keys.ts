import { useEffect, useRef } from 'react';

const PRESS = [' ', 'Enter'];
const SLIDE = ['ArrowLeft', 'ArrowRight'];
const REPEATED = [',', '.', ...SLIDE];

/** Does what belongs to a key, wherever the focus is, but where somebody types or presses a button. */
export function useSheetKeys(keys: Readonly<Record<string, () => void>>): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const target = event.target as HTMLElement;
      const own = target.matches('button, a, summary') ? PRESS : target.matches('input') ? SLIDE : [];
      const name = event.code === 'KeyF' ? 'f' : event.key; // in Korean it gives another letter
      const act = now.current[name];
      if (!act || own.includes(event.key) || (event.repeat && !REPEATED.includes(name))) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', hear, { capture: true }); // a dialog keeps keys to itself
    return () => window.removeEventListener('keydown', hear, { capture: true });
  }, []);
}
