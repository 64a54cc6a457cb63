import { app, session, shell } from 'electron';
import { isOurs, mayUse, outside, Revival } from '../desktop/policy.ts';

/** Keeps every page where it is: no other address, no window, no webview; a known link opens in the person's browser. */
export function guardPages(): void {
  const stay = (event: { readonly url: string; preventDefault(): void }): void => {
    if (!isOurs(event.url)) event.preventDefault();
  };
  app.on('web-contents-created', (_, page) => {
    page.on('will-navigate', stay);
    page.on('will-frame-navigate', stay);
    page.on('will-redirect', stay);
    page.on('will-attach-webview', (event) => event.preventDefault());
    page.setWindowOpenHandler(({ url }) => {
      const address = outside(url);
      if (address) void shell.openExternal(address);
      return { action: 'deny' };
    });
    const revival = new Revival();
    page.on('render-process-gone', (_event, { reason }) => {
      if (reason !== 'clean-exit' && revival.allowed(Date.now())) page.reload();
    });
  });
}

/** Refuses what a browser would ask a person about, but for the few things the page does. */
export function guardPermissions(): void {
  const { defaultSession: all } = session;
  all.setPermissionRequestHandler((_, use, answer, { requestingUrl }) => answer(mayUse(use, requestingUrl)));
  all.setPermissionCheckHandler((_, use, origin) => mayUse(use, origin));
  all.setDevicePermissionHandler(() => false);
}
