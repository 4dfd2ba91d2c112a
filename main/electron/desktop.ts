/** The parts behind the window, served to its page through a message port. */
import { RPCHandler } from '@orpc/server/message-port';
import { type IpcMainEvent, ipcMain } from 'electron';
import type { Job } from '../../common/api/contract.ts';
import { type ApiRouter, apiRouter } from '../api/api.ts';
import { closeParts, type Data, type Host, openParts } from '../app/parts.ts';
import { SettingsSearches } from '../app/searches.ts';
import type { Log } from '../log.ts';
import { isPage } from './scheme.ts';

export type Desktop = ReturnType<typeof openDesktop>;

const ACTIVE: readonly Job['state'][] = ['starting', 'running', 'pausing', 'stopping'];

/** Opens the parts on `host` and serves them to the window. */
export function openDesktop({ store, hold, log }: Data, host: Host) {
  const parts = openParts(store, host);
  const { supervisor } = parts;
  const searches = new SettingsSearches(parts);
  servePorts(apiRouter(parts, log, searches), log);
  supervisor.recover();
  searches.recover();
  let closing: Promise<void> | null = null;
  const active = () => supervisor.list().filter(({ state }) => ACTIVE.includes(state));
  return {
    /** Jobs that go on now, then those that wait to go on by themselves. */
    going: () => {
      const going = active();
      const waiting = supervisor.list().filter(({ state }) => state === 'waiting' || state === 'scheduled');
      return going.length > 0 ? [...going, ...waiting] : [];
    },
    /** Ends the jobs that go on; what was saved stays. */
    async stopJobs() {
      for (const { id } of active()) await supervisor.cancel(id);
    },
    /** Ends everything; a training that goes on saves and can be resumed. */
    close() {
      searches.close();
      closing ??= closeParts(parts, hold);
      return closing;
    },
  };
}

/** The same name stands in preload/index.ts, which may import nothing of main. */
const PORT_CHANNEL = 'fettle:port';

/** Serves `router` to each port that the page of a window hands over. */
function servePorts(router: ApiRouter, log: Log): void {
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
function isFromPage({ senderFrame }: Pick<IpcMainEvent, 'senderFrame'>): boolean {
  return senderFrame !== null && senderFrame.parent === null && isPage(senderFrame.url);
}
