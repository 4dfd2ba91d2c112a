/**
 * The way out. A person who closes the window or quits while a job goes on is asked what should become of it;
 * a system that shuts down is not kept waiting by a question. Electron ends only when everything has been
 * saved.
 */
import { app, type BrowserWindow, dialog, powerMonitor } from 'electron';
import type { Job } from '../../common/api/contract.ts';
import type { Log } from '../log.ts';
import type { Desktop } from './desktop.ts';
import { words } from './desktop-words.ts';
import type { Progress } from './electron-host.ts';
import type { AppWindow } from './window.ts';

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
