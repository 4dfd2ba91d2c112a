/** The web host as the parts see it: a program without windows, so there is much that only the person's browser could do. */

import { AppError } from '../../common/errors.ts';
import type { Host } from '../api/parts.ts';
import { forkChild } from '../runs/fork-child.ts';
import { versions } from '../versions.ts';
import { awakeKeeper } from './awake.ts';
import { fileSecrets } from './secrets.ts';

export interface WebHostOptions {
  /** The data folder, now. */
  readonly folder: () => string;
  /** Tells the person at the terminal that a job has ended. */
  notify(title: string, body: string): void;
  quit(): Promise<void>;
}

export function webHost({ folder, notify, quit }: WebHostOptions): Host {
  const { fettle: version, ...others } = versions();
  return {
    kind: 'web',
    info: () => ({
      ...{ kind: 'web', version, platform: process.platform, versions: others },
      ...{ dialogs: false, keepsSecrets: false, notifies: true },
    }),
    pick: null,
    async reveal(path) {
      throw new AppError(
        'no-file-manager',
        'A browser cannot open the file manager of the computer that Fettle runs on.',
        `The path is ${path}: copy it, and open it there.`,
      );
    },
    async openLink(url) {
      throw new AppError(
        'no-browser',
        'Fettle runs without a window and cannot open a browser for you.',
        `Open ${url} yourself.`,
      );
    },
    ...{ quit, notify },
    // there is neither dock nor tray
    showProgress() {},
    keepAwake: awakeKeeper(),
    secrets: fileSecrets(folder),
    fork: forkChild,
  };
}
