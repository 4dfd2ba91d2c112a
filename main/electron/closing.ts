/**
 * The way out. A person who closes the window or quits while a job goes on is asked what should become of it;
 * a system that shuts down is not kept waiting by a question. Electron ends only when everything has been
 * saved.
 */
import { app, powerMonitor } from 'electron';
import type { Log } from '../log.ts';
import type { Desktop } from './desktop.ts';
import { askAboutJob } from './dialogs.ts';
import type { Progress } from './host.ts';
import type { AppWindow } from './window.ts';

type Phase = 'open' | 'asking' | 'closing' | 'closed';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export interface ClosingOptions {
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
