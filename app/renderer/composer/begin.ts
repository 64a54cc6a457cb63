import { edit } from '../state/form.ts';

/** Puts an example into the prompt, with the cursor there to go on from it. */
export function begin(prompt: string): void {
  edit({ prompt });
  document.querySelector<HTMLElement>('[data-field="prompt"] textarea')?.focus();
}
