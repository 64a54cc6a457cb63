import type { Words } from './en.ts';

/** A prompt to begin with, and its short name. */
export type Example = Words['examples']['posters']['peak'];

/** What a model is at its best with: its own examples first, then those of the stage, which suit every model. */
export const examplesFor = (shipped: boolean, { examples }: Words): readonly Example[] => [
  ...Object.values(shipped ? examples.shipped : examples.real),
  ...Object.values(examples.posters),
];
