/**
 * How far a job is, outside the window: on the dock or the taskbar, and in the tray of Windows and Linux, which is also the way
 * back to a window that was closed while a job goes on.
 */
import { type BrowserWindow, Menu, Tray } from 'electron';
import { icon } from './icons.ts';
import { words } from './words.ts';

export interface ProgressOptions {
  readonly window: () => BrowserWindow | null;
  open(): void;
  quit(): void;
}

export interface Progress {
  /** 0 to 1; null takes it away. */
  show(fraction: number | null): void;
  /** Puts the icon into the tray, where the system has one. */
  showTray(): void;
  close(): void;
}

/** Shows progress of one job at a time. */
export function openProgress({ window, open, quit }: ProgressOptions): Progress {
  let tray: Tray | null = null;
  let fraction: number | null = null;
  const describe = () =>
    tray?.setToolTip(fraction === null ? words.tray.idle : words.tray.working(Math.floor(fraction * 100)));
  return {
    show(given) {
      fraction = given;
      window()?.setProgressBar(given ?? -1);
      describe();
    },
    showTray() {
      // a Mac has its dock
      if (tray || process.platform === 'darwin') return;
      tray = new Tray(icon('tray'));
      tray.setContextMenu(
        Menu.buildFromTemplate([
          { label: words.menu.open, click: open },
          { type: 'separator' },
          { label: words.menu.quit, click: quit },
        ]),
      );
      tray.on('click', open);
      describe();
    },
    close() {
      tray?.destroy();
      tray = null;
    },
  };
}
