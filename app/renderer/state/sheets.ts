import { create } from 'zustand';

export type SheetName = 'settings' | 'doctor' | 'keys' | 'palette';

interface Sheets {
  /** The sheet over the page; the models have a state of their own. */
  readonly open: SheetName | null;
  /** The job whose cancelling is asked about. */
  readonly cancelling: string | null;
  /** The log, which is beside the stage. */
  readonly log: boolean;
}

export const useSheets = create<Sheets>(() => ({ open: null, cancelling: null, log: false }));

export const openSheet = (open: SheetName): void => useSheets.setState({ open });

export const closeSheet = (): void => useSheets.setState({ open: null });

export const askToCancel = (cancelling: string | null): void => useSheets.setState({ cancelling });

export const openLog = (log: boolean): void => useSheets.setState({ log });
