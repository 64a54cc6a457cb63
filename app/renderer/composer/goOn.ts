import { flushSync } from 'react-dom';
import { closeGallery } from '../state/gallery.ts';

/** Goes on in the form, which the gallery may have been in front of, with the cursor in the prompt. */
export function goOn(): void {
  flushSync(closeGallery);
  document.querySelector<HTMLElement>('[data-field="prompt"] textarea')?.focus();
}
