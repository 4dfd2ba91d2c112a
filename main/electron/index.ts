/**
 * The desktop app's entry. Electron waits for this file to be evaluated before it is ready, so nothing here may wait for that: what must be
 * said before comes first, and the rest follows when it is.
 */
import path from 'node:path';
import { app, dialog, session, shell } from 'electron';
import { AppError, describeError, systemError } from '../../common/errors.ts';
import { languageOf, useLanguage } from '../../common/words/language.ts';
import { openData } from '../app/parts.ts';
import { openLog } from '../log.ts';
import { dataFolder, programFolder } from '../paths.ts';
import { Closing, openDesktop } from './desktop.ts';
import { APP_NAME, words } from './desktop-words.ts';
import { electronHost, notifier, openProgress } from './electron-host.ts';
import { guardContents, guardSession, registerScheme, serveScheme } from './guards.ts';
import { setMenu } from './menu.ts';
import { AppWindow } from './window.ts';

/** The same as in electron-builder.yml: Windows puts notices and the taskbar's progress to an app by it. */
const APP_ID = 'app.fettle.desktop';

/** Sets names and folders; before Electron is ready. */
function useProfile(): void {
  app.setName(APP_NAME);
  app.setAppUserModelId(APP_ID);
  const { FETTLE_HOME: home } = process.env;
  const folder = home
    ? path.join(path.resolve(home), 'window')
    : path.join(app.getPath('appData'), 'Fettle Window');
  app.setPath('userData', folder);
}

const logNow = () => openLog(() => path.join(dataFolder(), 'logs'));

function failToStart(error: unknown): void {
  dialog.showErrorBox(words().failure.title, reason(error));
  app.exit(1);
}

function reason(thrown: unknown): string {
  const error = systemError(thrown);
  if (error instanceof AppError) return describeError(error);
  const log = logNow();
  return words().failure.internal(log.failure('starting the window', error), log.file);
}

/** Without this Electron shows a box with a stack for each error that nobody awaited. */
function logStrayErrors(): void {
  process.on('unhandledRejection', (error) => void logNow().failure('nobody awaited', error));
}

/** Opens everything and shows the window. Throws an AppError where the data cannot be opened. */
async function openApp(): Promise<void> {
  await useLanguage(languageOf(app.getLocale()));
  guardSession(session.defaultSession);
  serveScheme(path.join(programFolder(), 'dist', 'renderer'));
  const data = await openData('electron', ({ kind, address }) => ({
    where: kind === 'electron' ? 'in a window' : `in a browser${address ? ` at ${address}` : ''}`,
    hint: words().failure.otherHint,
  }));
  const { store, log } = data;
  const chosen = store.settings.get().language;
  if (chosen !== 'system') await useLanguage(chosen);
  let closing: Closing | null = null;
  const window = new AppWindow({ store, log, onClosing: () => closing?.windowCloses() ?? false });
  const show = () => window.show();
  const current = () => window.current;
  const progress = openProgress(current, show, () => app.quit());
  const notify = notifier(() => window.isInFront(), show);
  const folder = () => store.folder;
  const showMenu = () =>
    setMenu({
      go: (route) => window.go(route),
      showDataFolder: () => void shell.openPath(store.folder),
    });
  const onLanguage = () => {
    showMenu();
    progress.describe();
  };
  const host = electronHost({ folder, notify, window: current, showProgress: progress.show, onLanguage });
  closing = new Closing(openDesktop(data, host), { window, progress, log });
  closing.listen();
  app.on('second-instance', show);
  app.on('activate', show);
  showMenu();
  window.show();
}

logStrayErrors();
useProfile();
registerScheme();
app.enableSandbox();
guardContents();
// a second start shows the window of the first one
if (app.requestSingleInstanceLock()) app.whenReady().then(openApp).catch(failToStart);
else app.quit();
