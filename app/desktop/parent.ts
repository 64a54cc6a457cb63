/** What the window tells `npm start`, which waits for it; an installed app has nobody to tell. */
export type News =
  | { readonly type: 'ready' }
  | { readonly type: 'again' }
  | { readonly type: 'failed'; readonly message: string; readonly hint: string };

const hasParent = (): boolean => process.send !== undefined && process.connected;

/** Whether there was somebody to tell; the news is on its way then, so that this process may end. */
export const tell = (news: News): Promise<boolean> =>
  new Promise((resolve) => {
    if (hasParent()) process.send?.(news, undefined, undefined, () => resolve(true));
    else resolve(false);
  });

/** Calls `leave` when npm start says so, when it is gone, or at a signal. */
export function whenToldToLeave(leave: () => void): void {
  if (hasParent()) {
    process.on('message', (message) => {
      if (message === 'leave') leave();
    });
    process.on('disconnect', leave);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave);
}
