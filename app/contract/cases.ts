/**
 * Every sentence that the sidecar or Core can say of something gone wrong, with the names of the values in its blanks.
 * The English stands where it is said; another language says the same from here. A test holds this list against the
 * Python sources.
 */
export const cases = {
  // A request that cannot be made.

  // Pictures, models, paths and folders.

  // The engine and its jobs.

  // The doctor.

  // Core and the hosts.
} as const;

export type Case = keyof typeof cases;
export type ValuesOf<C extends Case> = Readonly<Record<(typeof cases)[C][number], string | number>>;
