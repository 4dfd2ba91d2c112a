/**
 * The one window: a sandboxed page without Node, with nothing of Electron but the bridge. It is made again when it was closed, shown again
 * when it was hidden, and loads its page again should that crash. Whatever becomes of its page, the person sees a window.
 */
import path from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  type NativeImage,
  nativeImage,
  nativeTheme,
  type Rectangle,
  screen,
} from 'electron';
import type { Log } from '../log.ts';
import { programFolder, resourcesFolder } from '../paths.ts';
import type { Store } from '../store/store.ts';
import { APP_NAME, words } from './desktop-words.ts';
import { PAGE, pageAt } from './guards.ts';

/** A page that crashes again so soon would do so for ever: the person decides. */
const CALM_MS = 10_000;
/** A window waits so long for its page, which takes a moment usually and far longer on a busy computer. */
const DRAWN_MS = 3000;

interface WindowOptions {
  readonly store: Store;
  readonly log: Log;
  /** Called when the person closes it; true: it stays for now. */
  onClosing(): boolean;
}

export class AppWindow {
  readonly #options: WindowOptions;
  #window: BrowserWindow | null = null;
  /** Until a new window has been shown. */
  #unshown: NodeJS.Timeout | null = null;
  #crashedAt = 0;

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** The window; null while there is none. */
  get current(): BrowserWindow | null {
    return this.#window;
  }

  /** Shows it, in front of the others. */
  show(): void {
    if (!this.#window) {
      this.#window = this.#make();
      return;
    }
    this.#waitNoLonger();
    if (this.#window.webContents.isCrashed()) this.#window.webContents.reload();
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.show();
    this.#window.focus();
  }

  go(route: string): void {
    this.show();
    void this.#load(pageAt(route));
  }

  /** Whether the person works in it. */
  isInFront(): boolean {
    return this.#window?.isFocused() ?? false;
  }

  /** Hides it, and keeps its place: `destroy` tells nobody, and comes when the store is closed. */
  hide(): void {
    this.#waitNoLonger();
    if (!this.#window) return;
    // one that is hidden already has no place
    if (this.#window.isVisible() || this.#window.isMinimized()) keepState(this.#window, this.#options.store);
    this.#window.hide();
  }

  /** Closes it without asking. */
  destroy(): void {
    this.#window?.destroy();
  }

  #make(): BrowserWindow {
    const { store, onClosing } = this.#options;
    const kept = store.kept.get<WindowState>(KEY);
    const window = new BrowserWindow({
      ...placeOf(kept),
      ...SMALLEST,
      show: false,
      title: APP_NAME,
      ...(process.platform === 'linux' && { icon: icon('icon') }),
      backgroundColor: nativeTheme.shouldUseDarkColors ? '#15171c' : '#ffffff',
      webPreferences: {
        preload: path.join(programFolder(), 'dist', 'preload.cjs'),
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webSecurity: true,
        nodeIntegrationInSubFrames: false,
        nodeIntegrationInWorker: false,
        webviewTag: false,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        navigateOnDragDrop: false,
        devTools: !app.isPackaged,
        spellcheck: process.platform === 'darwin',
      },
    });
    if (kept?.maximised) window.maximize();
    this.#unshown = setTimeout(() => this.#showOnce(), DRAWN_MS);
    window.once('ready-to-show', () => this.#showOnce());
    window.on('close', (event) => {
      keepState(window, store);
      if (onClosing()) event.preventDefault();
    });
    window.on('closed', () => {
      this.#waitNoLonger();
      this.#window = null;
    });
    window.webContents.on('render-process-gone', (_, { reason }) => {
      this.#recover(window, reason).catch((error: unknown) => this.#options.log.failure('the window', error));
    });
    this.#window = window;
    void this.#load(PAGE);
    return window;
  }

  async #load(address: string): Promise<void> {
    try {
      await this.#window?.loadURL(address);
    } catch (error) {
      // a page that is left before it has loaded says so too
      if ((error as { code?: string }).code !== 'ERR_ABORTED') this.#options.log.failure('the window', error);
    }
  }

  /** Shows a new window, unless it was shown or hidden since. */
  #showOnce(): void {
    if (this.#unshown) this.#window?.show();
    this.#waitNoLonger();
  }

  #waitNoLonger(): void {
    if (this.#unshown) clearTimeout(this.#unshown);
    this.#unshown = null;
  }

  async #recover(window: BrowserWindow, reason: string): Promise<void> {
    this.#options.log.note(`the page was gone: ${reason}`);
    const isAgain = Date.now() - this.#crashedAt < CALM_MS;
    this.#crashedAt = Date.now();
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    if (isAgain) {
      this.#showOnce();
      // one that is hidden loads it when it is shown
      if (!window.isVisible()) return;
      if (!(await wantsAgain(window))) return app.quit();
    }
    if (!window.isDestroyed()) window.webContents.reload();
  }
}

/** Asks the person whether the page is to be loaded once more; Esc means that too. */
async function wantsAgain(window: BrowserWindow): Promise<boolean> {
  const { gone, menu } = words();
  const { message, detail, again } = gone;
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    noLink: true,
    defaultId: 0,
    cancelId: 0,
    title: APP_NAME,
    message,
    detail,
    buttons: [again, menu.quit],
  });
  return response === 0;
}

const KEY = 'window';
const USUAL = { width: 1280, height: 820 };
const SMALLEST = { minWidth: 1024, minHeight: 680 };
/** So much of the title bar must be on a screen for the window to be taken hold of. */
const HANDLE = 100;

interface WindowState {
  readonly bounds: Rectangle;
  readonly maximised: boolean;
}

/** How a new window is to be placed: as the last one was where that can be seen, else in the middle of the screen. */
export function placeOf(kept: WindowState | null): Partial<Rectangle> & { width: number; height: number } {
  if (!kept || !isVisible(kept.bounds)) return USUAL;
  const { x, y, width, height } = kept.bounds;
  const { minWidth, minHeight } = SMALLEST;
  return { x, y, width: Math.max(width, minWidth), height: Math.max(height, minHeight) };
}

function isVisible({ x, y, width }: Rectangle): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const right = Math.min(x + width, workArea.x + workArea.width);
    const isAcross = right - Math.max(x, workArea.x) >= HANDLE;
    return isAcross && y >= workArea.y - 1 && y <= workArea.y + workArea.height - HANDLE;
  });
}

function keepState(window: BrowserWindow, store: Store): void {
  const state: WindowState = { bounds: window.getNormalBounds(), maximised: window.isMaximized() };
  store.kept.set(KEY, state);
}

/** `tray` has a sharper copy `tray@2x` beside it, which Electron finds by its name. */
export function icon(name: 'icon' | 'tray'): NativeImage {
  return nativeImage.createFromPath(path.join(resourcesFolder(), 'icons', `${name}.png`));
}
