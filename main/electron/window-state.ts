/** Where the window was and how large, kept in the store; a place on a screen that is gone is no place. */
import { type BrowserWindow, type Rectangle, screen } from 'electron';
import type { Store } from '../store/store.ts';

const KEY = 'window';
const USUAL = { width: 1280, height: 820 };
export const SMALLEST = { minWidth: 1024, minHeight: 680 };
/** So much of the title bar must be on a screen for the window to be taken hold of. */
const HANDLE = 100;

export interface WindowState {
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

/** The state that was kept last. */
export function keptState(store: Store): WindowState | null {
  return store.kept.get<WindowState>(KEY);
}

/** Keeps the state of `window`. */
export function keepState(window: BrowserWindow, store: Store): void {
  const state: WindowState = { bounds: window.getNormalBounds(), maximised: window.isMaximized() };
  store.kept.set(KEY, state);
}
