import { protocol } from 'electron';
import { answerPage, type Shown } from '../desktop/page.ts';
import { privileges } from '../desktop/policy.ts';

/** Makes `app:` a scheme like https, with an origin, fetch and streams; has to be said before the app is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges }]);
}

/** Answers every request to `app:`. */
export function serveScheme(shown: Shown): void {
  protocol.handle('app', (request) => answerPage(request, shown));
}
