import type { KeyboardEvent } from 'react';

/** Whether a key belongs to an input method that is still putting a syllable together; 229 is how some say so. */
export const isComposing = (event: KeyboardEvent): boolean => event.nativeEvent.isComposing || event.keyCode === 229;
