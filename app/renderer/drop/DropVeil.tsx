import { Download } from 'lucide-react';
import { useEffect, useState } from 'react';
import { cx } from '../controls/cx.ts';
import { take, takeNot } from '../state/taking.ts';
import { useWords } from '../words/words.ts';
import s from './DropVeil.module.css';

const bringsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** A text field takes the text first, where there is some. */
const isForText = ({ target, clipboardData }: ClipboardEvent): boolean =>
  target instanceof Element &&
  target.matches('input, textarea') &&
  (clipboardData?.types.includes('text/plain') ?? false);

/** Files may be let go, or pasted, anywhere on the page; while one is over it, the page says what becomes of it. */
export function DropVeil() {
  const words = useWords().drop;
  const [over, setOver] = useState(false);
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const hover = (event: DragEvent): void => {
      if (!bringsFiles(event)) return;
      event.preventDefault(); // the browser would show the file in place of the page
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      setOver(false);
      const file = event.dataTransfer?.files[0];
      const entry = event.dataTransfer?.items[0]?.webkitGetAsEntry();
      if (file && entry?.isDirectory) takeNot(file.name);
      else if (file) void take(file);
    };
    const paste = (event: ClipboardEvent): void => {
      const file = event.clipboardData?.files[0];
      if (!file || isForText(event)) return;
      event.preventDefault();
      void take(file);
    };
    window.addEventListener('dragover', hover, { signal });
    window.addEventListener('dragleave', leave, { signal });
    window.addEventListener('drop', drop, { signal });
    window.addEventListener('paste', paste, { signal });
    return () => leaving.abort();
  }, []);
  if (!over) return null;
  return (
    <div className={cx(s.veil)}>
      <div className={cx(s.card)} role="status">
        <Download size={26} aria-hidden="true" className={cx(s.icon)} />
        <p className={cx(s.title)}>{words.title}</p>
        <p>{words.picture}</p>
        <p>{words.video}</p>
      </div>
    </div>
  );
}
