import { contextBridge, ipcRenderer } from 'electron';
import { CHANNEL, type DesktopApi } from '../contract/channel.ts';

const api: DesktopApi = {
  ask: (method, params) => ipcRenderer.invoke(CHANNEL, method, params),
  listen: (listener) => {
    ipcRenderer.on(CHANNEL, (_, event) => listener(event));
  },
};
contextBridge.exposeInMainWorld('api', api);
