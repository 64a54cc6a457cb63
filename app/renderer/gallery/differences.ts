import type { Setting } from './settings.ts';

export interface Difference {
  readonly name: string;
  readonly left: string;
  readonly right: string;
}

/** Only what differs. */
export const differences = (left: readonly Setting[], right: readonly Setting[]): readonly Difference[] =>
  left.flatMap(({ name, value }, at) => {
    const other = right[at]?.value ?? '';
    return value === other ? [] : [{ name, left: value, right: other }];
  });
