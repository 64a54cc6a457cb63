import type { Bridge } from '../../contract/bridge.ts';
import type { DesktopApi } from '../../contract/channel.ts';
import { desktopBridge } from './desktop.ts';
import { webBridge } from './web.ts';

declare global {
  interface Window {
    /** Put there by a desktop host; a browser has none. */
    readonly api?: DesktopApi;
  }
}

export const bridge: Bridge = window.api ? desktopBridge(window.api) : webBridge();
