/**
 * The API for the window: the preload script hands one end of a message channel over, and calls come through it. That is the one
 * message between processes that is listened for, and it is taken from the app's own page alone.
 */
import { RPCHandler } from '@orpc/server/message-port';
import { type IpcMainEvent, ipcMain } from 'electron';
import type { ApiRouter } from '../api/api.ts';
import type { Log } from '../log.ts';
import { isPage } from './addresses.ts';

/** The same name stands in preload/index.ts, which may import nothing of main. */
export const PORT_CHANNEL = 'fettle:port';

/** Serves `router` to each port that the page of a window hands over. */
export function servePorts(router: ApiRouter, log: Log): void {
  const handler = new RPCHandler(router);
  ipcMain.on(PORT_CHANNEL, (event) => {
    const [port] = event.ports;
    if (!port) return;
    if (!isFromPage(event)) {
      port.close();
      log.note(
        `a message from a strange page was refused: ${event.senderFrame?.url ?? 'a frame that is gone'}`,
      );
      return;
    }
    handler.upgrade(port, { context: {} });
    port.start();
  });
}

/** Whether a message comes from the page itself: from the top frame of a window, at the app's own address. */
export function isFromPage({ senderFrame }: Pick<IpcMainEvent, 'senderFrame'>): boolean {
  return senderFrame !== null && senderFrame.parent === null && isPage(senderFrame.url);
}
