import type { Bridge } from '../../contract/bridge.ts';
import { webBridge } from './web.ts';

declare global {
  interface Window {
    /** Put there by a desktop host; a browser has none. */
    readonly api?: Bridge;
  }
}

export const bridge: Bridge = window.api ?? webBridge();
