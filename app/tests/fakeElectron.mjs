// The part of Electron that main and preload use, as a module that remembers what was done with it.
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** An event that can be prevented. */
export const event = (more = {}) => ({
  defaultPrevented: false,
  preventDefault() {
    this.defaultPrevented = true;
  },
  ...more,
});

/** A frame as Electron describes it to a host. */
export const ours = { origin: 'app://ui', parent: null };

export function fakeElectron(facts = {}) {
  const { root = '/artifex', installed = false, locale = 'en-US', first = true, answer = 0, folder = null } = facts;
  const { screens = [{ x: 0, y: 0, width: 1920, height: 1040 }], onQuit = () => {} } = facts;
  const calls = [];
  const note =
    (name, result) =>
    (...args) => {
      calls.push([name, ...args]);
      return result;
    };
  const windows = [];
  const handlers = new Map();
  const schemes = new Map();
  const rights = {};

  const app = Object.assign(new EventEmitter(), {
    isPackaged: installed,
    getAppPath: () => root,
    getLocale: () => locale,
    enableSandbox: note('enableSandbox'),
    getPath: () => tmpdir(),
    setPath: (name, folder) => {
      if (!existsSync(folder)) throw new Error(`Failed to set path: ${folder}`);
      calls.push(['setPath', name, folder]);
    },
    setAppUserModelId: note('setAppUserModelId'),
    requestSingleInstanceLock: () => first,
    whenReady: () => new Promise((resolve) => setImmediate(resolve)).then(note('ready')),
    exit: note('exit'),
    quit: () => {
      const quitting = event();
      app.emit('before-quit', quitting);
      if (quitting.defaultPrevented) return;
      for (const window of windows) window.close();
      if (windows.some((window) => !window.destroyed)) return;
      calls.push(['gone']);
      onQuit();
    },
  });

  class BrowserWindow extends EventEmitter {
    destroyed = false;
    focused = false;
    minimized = false;
    maximized = false;
    sent = [];

    constructor(options) {
      super();
      this.options = options;
      const { x = 0, y = 0, width, height } = options;
      this.bounds = { x, y, width, height };
      this.webContents = Object.assign(new EventEmitter(), {
        send: (channel, value) => this.sent.push([channel, structuredClone(value)]),
        isDestroyed: () => this.destroyed,
        reload: note('reload'),
        setWindowOpenHandler: (handler) => {
          this.webContents.open = handler;
        },
      });
      windows.push(this);
      app.emit('web-contents-created', event(), this.webContents);
    }

    async loadURL(address) {
      calls.push(['loadURL', address]);
      this.shown = await schemes.get('app')(new Request(address));
      this.emit('ready-to-show');
      this.webContents.emit('did-finish-load');
    }
    close() {
      const closing = event();
      this.emit('close', closing);
      this.destroyed ||= !closing.defaultPrevented;
    }
    show = note('show');
    focus = note('focus');
    restore = note('restore');
    setProgressBar = note('setProgressBar');
    maximize = () => {
      this.maximized = true;
    };
    isMaximized = () => this.maximized;
    isMinimized = () => this.minimized;
    isFocused = () => this.focused;
    isDestroyed = () => this.destroyed;
    getNormalBounds = () => this.bounds;
  }

  const electron = {
    app,
    BrowserWindow,
    Menu: {
      setApplicationMenu: note('setApplicationMenu'),
      buildFromTemplate: (items) => ({ items, popup: () => calls.push(['popup', items]) }),
    },
    dialog: {
      showMessageBox: async (_window, options) => {
        calls.push(['showMessageBox', options]);
        return { response: await answer };
      },
      showOpenDialog: async () => ({ canceled: folder === null, filePaths: folder === null ? [] : [folder] }),
      showErrorBox: note('showErrorBox'),
    },
    ipcMain: { handle: (channel, handler) => handlers.set(channel, handler) },
    powerSaveBlocker: { start: note('awake', 7), stop: note('mayRest') },
    protocol: {
      registerSchemesAsPrivileged: note('registerSchemesAsPrivileged'),
      handle: (scheme, handler) => schemes.set(scheme, handler),
    },
    screen: { getAllDisplays: () => screens.map((workArea) => ({ workArea })) },
    session: {
      defaultSession: {
        setPermissionRequestHandler: (handler) => {
          rights.request = handler;
        },
        setPermissionCheckHandler: (handler) => {
          rights.check = handler;
        },
        setDevicePermissionHandler: (handler) => {
          rights.device = handler;
        },
      },
    },
    shell: { openExternal: note('openExternal'), showItemInFolder: note('showItemInFolder') },
  };

  return {
    electron,
    app,
    calls,
    windows,
    rights,
    named: (name) => calls.filter(([called]) => called === name).map(([, ...args]) => args),
    /** A request of a page to the scheme. */
    fetch: (address, init) => schemes.get('app')(new Request(address, init)),
    /** A call of a frame. */
    call: async (method, params, senderFrame = ours) =>
      structuredClone(await handlers.get('artifex')({ senderFrame }, method, structuredClone(params))),
  };
}
