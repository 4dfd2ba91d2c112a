/** The parts behind the window, served to its page through a message port. */
import { RPCHandler } from '@orpc/server/message-port';
import { app, type BrowserWindow, dialog, type IpcMainEvent, ipcMain, powerMonitor } from 'electron';
import type { Job } from '../../common/api/contract.ts';
import { type ApiRouter, apiRouter } from '../api/api.ts';
import { Life } from '../app/life.ts';
import { closeParts, type Data, type Host, openParts } from '../app/parts.ts';
import type { Log } from '../log.ts';
import { words } from './desktop-words.ts';
import type { Progress } from './electron-host.ts';
import { isPage } from './guards.ts';
import type { AppWindow } from './window.ts';

export type Desktop = ReturnType<typeof openDesktop>;

const ACTIVE: readonly Job['state'][] = ['starting', 'running', 'pausing', 'stopping'];

export function openDesktop({ store, hold, log }: Data, host: Host) {
  const parts = openParts(store, host);
  const { supervisor } = parts;
  const life = new Life();
  servePorts(apiRouter(parts, log, life), log);
  supervisor.recover();
  life.open();
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
      life.close();
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

/**
 * The way out. A person who closes the window or quits while a job goes on is asked what should become of it; a system that shuts down is
 * not kept waiting by a question. Electron ends only when everything has been saved.
 */

type Phase = 'open' | 'asking' | 'closing' | 'closed';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

interface ClosingOptions {
  readonly window: AppWindow;
  readonly progress: Progress;
  readonly log: Log;
}

export class Closing {
  readonly #options: ClosingOptions;
  readonly #desktop: Desktop;
  #phase: Phase = 'open';

  constructor(desktop: Desktop, options: ClosingOptions) {
    this.#desktop = desktop;
    this.#options = options;
  }

  /** Listens for everything that ends the app. */
  listen(): void {
    app.on('before-quit', (event) => {
      if (this.#phase === 'closed') return;
      event.preventDefault();
      void this.ask();
    });
    // without a window a Mac's app stays in the dock; elsewhere the window was the app
    app.on('window-all-closed', () => {
      if (process.platform !== 'darwin') app.quit();
    });
    powerMonitor.on('shutdown', () => void this.end());
    for (const signal of SIGNALS) process.on(signal, () => void this.end());
    // from the command that opened the window
    process.on('message', (message) => message === 'stop' && void this.end());
  }

  /** Whether a window that the person closes must stay for now: a job goes on, and they are asked about it. */
  windowCloses(): boolean {
    if (this.#phase === 'closing' || this.#phase === 'closed') return false;
    if (this.#desktop.going().length === 0) return false;
    void this.ask();
    return true;
  }

  /** Asks what should become of the jobs, where there are any, and does it. */
  async ask(): Promise<void> {
    if (this.#phase !== 'open') return;
    this.#phase = 'asking';
    const { window, progress } = this.#options;
    const jobs = this.#desktop.going();
    const decision = jobs.length === 0 ? 'pause' : await askAboutJob(window.current, jobs);
    // a system that shut down meanwhile has decided
    if (this.#phase !== 'asking') return;
    this.#phase = 'open';
    if (decision === 'cancel') return;
    if (decision === 'background') {
      progress.showTray();
      window.hide();
      return;
    }
    await this.end(decision === 'stop');
  }

  /** Saves and closes everything, and ends Electron. */
  async end(stopJobs = false): Promise<void> {
    if (this.#phase === 'closing' || this.#phase === 'closed') return;
    this.#phase = 'closing';
    const { window, progress, log } = this.#options;
    window.hide();
    try {
      if (stopJobs) await this.#desktop.stopJobs();
      await this.#desktop.close();
    } catch (error) {
      log.failure('closing', error);
    }
    this.#phase = 'closed';
    progress.close();
    window.destroy();
    app.quit();
  }
}

/** What the person wants of a job that goes on when they close Fettle. */
type Decision = 'background' | 'pause' | 'stop' | 'cancel';

const DECISIONS: readonly Decision[] = ['background', 'pause', 'stop', 'cancel'];

/** Asks that; Esc means that nothing is closed. */
async function askAboutJob(parent: BrowserWindow | null, jobs: readonly Job[]): Promise<Decision> {
  const [first] = jobs;
  if (!first) return 'pause';
  const { close } = words();
  const { title, message, more, detail } = close;
  const options = {
    type: 'question' as const,
    noLink: true,
    defaultId: 0,
    cancelId: DECISIONS.indexOf('cancel'),
    title,
    message: message(first.name),
    detail: jobs.length > 1 ? `${more(jobs.length - 1)} ${detail}` : detail,
    buttons: DECISIONS.map((each) => close[each]),
  };
  const { response } = await (parent?.isVisible()
    ? dialog.showMessageBox(parent, options)
    : dialog.showMessageBox(options));
  return DECISIONS[response] ?? 'cancel';
}
