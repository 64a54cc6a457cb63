/** Ends every program that set-up has started. */
export function stopAll(): void;
/** Whether that has happened. */
export function isStopped(): boolean;
