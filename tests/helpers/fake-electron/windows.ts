/** Windows and what is in them. The picture is a browser's, which a test puts in front of launch.ts. */
import { EventEmitter } from 'node:events';
import { app, FakeEvent } from './app.ts';
import { needReady, note, settings } from './state.ts';

type OpenHandler = (details: { url: string }) => { action: string };

class WebContents extends EventEmitter {
  /** Without a handler Electron opens windows. */
  open: OpenHandler = () => ({ action: 'allow' });
  setWindowOpenHandler(handler: OpenHandler): void {
    this.open = handler;
  }
  reload(): void {
    note('webContents.reload');
  }
  isCrashed = () => false;
}

export class BrowserWindow extends EventEmitter {
  readonly webContents = new WebContents();
  readonly options: Readonly<Record<string, unknown>>;
  #destroyed = false;
  #visible = false;
  #focused = false;
  #bounds: object;

  constructor(options: Readonly<Record<string, unknown>>) {
    super();
    needReady('new BrowserWindow');
    note('new BrowserWindow', options);
    this.options = options;
    const { x = 10, y = 20, width, height } = options;
    this.#bounds = { x, y, width, height };
    app.windows.add(this);
    app.emit('web-contents-created', new FakeEvent(), this.webContents);
  }
  async loadURL(url: string): Promise<void> {
    note('loadURL', url);
    setImmediate(() => this.emit('ready-to-show'));
  }
  setBounds(bounds: object): void {
    this.#bounds = bounds;
  }
  getNormalBounds = () => this.#bounds;
  isMaximized = () => false;
  maximize = () => note('maximize');
  isMinimized = () => false;
  restore = () => note('restore');
  isVisible = () => this.#visible;
  isDestroyed = () => this.#destroyed;
  isFocused = () => this.#focused;
  show(): void {
    this.#visible = true;
    this.#focused = true;
    note('window.show');
  }
  hide(): void {
    this.#visible = false;
    this.#focused = false;
    note('window.hide');
  }
  focus(): void {
    this.#focused = true;
    note('window.focus');
  }
  blur(): void {
    this.#focused = false;
  }
  setProgressBar = (fraction: number) => note('window.setProgressBar', fraction);
  /** What a click on the close button does. */
  close(): void {
    const event = new FakeEvent();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    app.windows.delete(this);
    note('window.closed');
    this.emit('closed');
    if (app.windows.size === 0) app.emit('window-all-closed');
  }
}

const DISPLAYS = [{ x: 0, y: 0, width: 1920, height: 1080 }];

export const screen = {
  getAllDisplays() {
    needReady('screen');
    return (settings.displays ?? DISPLAYS).map((workArea) => ({ workArea }));
  },
};
