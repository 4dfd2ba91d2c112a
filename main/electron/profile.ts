/** What the app is called, and where Chromium keeps what it needs: never in the data folder, which may move while it is open. */
import path from 'node:path';
import { app } from 'electron';
import { words } from './words.ts';

/** The same as in electron-builder.yml: Windows puts notices and the taskbar's progress to an app by it. */
const APP_ID = 'app.fettle.desktop';

/** Sets names and folders; before Electron is ready. */
export function useProfile(): void {
  app.setName(words.appName);
  app.setAppUserModelId(APP_ID);
  const { FETTLE_HOME: home } = process.env;
  const folder = home
    ? path.join(path.resolve(home), 'window')
    : path.join(app.getPath('appData'), 'Fettle Window');
  app.setPath('userData', folder);
}
