/** Electron as the parts see it: what a program with a window can do for the person. */
import { app, Notification } from 'electron';
import type { Host } from '../api/parts.ts';
import { versions } from '../versions.ts';
import { picker } from './dialogs.ts';
import { forkUtility } from './fork.ts';
import { openLink, reveal } from './outside.ts';
import { awakeKeeper } from './power.ts';
import { systemEncrypts, systemSecrets } from './secrets.ts';

export interface ElectronHostOptions {
  /** The data folder, now. */
  readonly folder: () => string;
  readonly window: Parameters<typeof picker>[0];
  readonly notify: Host['notify'];
  readonly showProgress: Host['showProgress'];
}

export function electronHost({ folder, window, notify, showProgress }: ElectronHostOptions): Host {
  const { fettle: version, ...others } = versions();
  const { electron = 'unknown', chrome = 'unknown' } = process.versions;
  return {
    kind: 'electron',
    info: () => ({
      ...{ kind: 'electron', version, platform: process.platform },
      versions: { ...others, electron, chrome },
      ...{ dialogs: true, keepsSecrets: systemEncrypts(), notifies: Notification.isSupported() },
    }),
    pick: picker(window),
    ...{ reveal, openLink, notify, showProgress },
    // the answer to the page should be on its way before everything ends
    quit: async () => void setImmediate(() => app.quit()),
    keepAwake: awakeKeeper(),
    secrets: systemSecrets(folder),
    fork: forkUtility,
  };
}
