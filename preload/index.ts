/**
 * The bridge into the sandboxed window: one object with three things, and nothing of Electron itself. The page asks for the port
 * to the app, which reaches it as a message, since ports cannot be returned through the bridge.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';

/** Of the page's window, what is used here; the rest of the DOM is not this program's. */
declare const window: {
  readonly location: { readonly origin: string };
  postMessage(message: unknown, origin: string, transfer: readonly object[]): void;
};

const CHANNEL = 'fettle:port';

contextBridge.exposeInMainWorld('fettle', {
  port() {
    const { port1, port2 } = new MessageChannel();
    ipcRenderer.postMessage(CHANNEL, null, [port1]);
    window.postMessage(CHANNEL, window.location.origin, [port2]);
  },
  /** The path of a file that the person chose or dropped; empty for one that a script made. */
  pathOf: (file: Parameters<typeof webUtils.getPathForFile>[0]) => webUtils.getPathForFile(file),
  platform: process.platform,
});
