/** Opens the app once Electron is ready: data folder, host, parts, menu and window, joined to each other. */
import path from 'node:path';
import { app, session, shell } from 'electron';
import { programFolder } from '../paths.ts';
import { Closing } from './closing.ts';
import { openData, openDesktop } from './desktop.ts';
import { guardSession } from './guards.ts';
import { electronHost } from './host.ts';
import { setMenu } from './menu.ts';
import { notifier } from './notices.ts';
import { openProgress } from './progress.ts';
import { serveScheme } from './protocol.ts';
import { AppWindow } from './window.ts';

/** Opens everything and shows the window. Throws an AppError where the data cannot be opened. */
export async function openApp(): Promise<void> {
  guardSession(session.defaultSession);
  serveScheme(path.join(programFolder(), 'dist', 'renderer'));
  const data = await openData();
  const { store, log } = data;
  let closing: Closing | null = null;
  const window = new AppWindow({ store, log, onClosing: () => closing?.windowCloses() ?? false });
  const show = () => window.show();
  const current = () => window.current;
  const progress = openProgress({ window: current, open: show, quit: () => app.quit() });
  const notify = notifier({ isInFront: () => window.isInFront(), onClick: show });
  const folder = () => store.folder;
  const host = electronHost({ folder, notify, window: current, showProgress: progress.show });
  closing = new Closing(openDesktop(data, host), { window, progress, log });
  closing.listen();
  app.on('second-instance', show);
  app.on('activate', show);
  setMenu({
    go: (route) => window.go(route),
    showDataFolder: () => void shell.openPath(store.folder),
  });
  window.show();
}
