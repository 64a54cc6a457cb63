/** A walk through earlier prompts, as in a shell: first what was typed, then the newest of them, then older ones. */
export interface Walk {
  readonly texts: readonly string[];
  readonly at: number;
}

export const beginWalk = (typed: string, prompts: readonly string[]): Walk => ({
  texts: [typed, ...prompts.filter((prompt) => prompt !== typed)],
  at: 0,
});

/** One further back, or one forth; beyond either end it stays where it is. */
export const walked = (walk: Walk, by: 1 | -1): Walk => ({
  ...walk,
  at: Math.min(walk.texts.length - 1, Math.max(0, walk.at + by)),
});

export const textAt = ({ texts, at }: Walk): string => texts[at] ?? '';

/** Whether a text was brought by the walk and not changed since. */
export const isOnWalk = (walk: Walk, text: string): boolean => walk.at > 0 && textAt(walk) === text;

/** Whether the cursor has no line above it (back) or below it (forth) to go to. */
export const isAtEdge = (text: string, cursor: number, by: 1 | -1): boolean =>
  !(by === 1 ? text.slice(0, cursor) : text.slice(cursor)).includes('\n');
