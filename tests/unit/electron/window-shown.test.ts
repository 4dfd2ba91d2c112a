/** Whatever becomes of the page, the person sees a window: here Electron's never says that it is ready, or its page dies. */
import type { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppWindow } from '../../../main/electron/window.ts';
import type { Log } from '../../../main/log.ts';
import type { Store } from '../../../main/store/store.ts';

const { answer, asked, made, quit } = vi.hoisted(() => ({
  answer: { response: 0 },
  asked: [] as { buttons: string[] }[],
  made: [] as unknown[],
  quit: { times: 0 },
}));

vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  return {
    app: { isPackaged: true, quit: () => void quit.times++ },
    nativeTheme: { shouldUseDarkColors: false },
    nativeImage: { createFromPath: () => ({}) },
    screen: { getAllDisplays: () => [] },
    dialog: {
      async showMessageBox(_: unknown, options: { buttons: string[] }) {
        asked.push(options);
        return answer;
      },
    },
    BrowserWindow: class extends Emitter {
      visible = false;
      webContents = Object.assign(new Emitter(), { crashed: false, reload: vi.fn(), isCrashed: () => false });
      constructor() {
        super();
        made.push(this);
      }
      loadURL = () => new Promise(() => {});
      isVisible = () => this.visible;
      isMinimized = () => false;
      isDestroyed = () => false;
      isMaximized = () => false;
      getNormalBounds = () => ({});
      focus() {}
      show() {
        this.visible = true;
      }
      hide() {
        this.visible = false;
      }
    },
  };
});

interface FakeWindow extends EventEmitter {
  readonly visible: boolean;
  readonly webContents: EventEmitter & { reload: ReturnType<typeof vi.fn>; isCrashed: () => boolean };
}

const log = { note() {}, failure: () => '' } as unknown as Log;
const store = { kept: { get: () => null, set() {} } } as unknown as Store;

/** A new window whose page is still loading. */
function opened(): { app: AppWindow; window: FakeWindow } {
  const app = new AppWindow({ store, log, onClosing: () => false });
  app.show();
  return { app, window: made.at(-1) as FakeWindow };
}
const crash = (window: FakeWindow) => window.webContents.emit('render-process-gone', {}, { reason: 'oom' });

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  asked.length = 0;
  quit.times = 0;
  answer.response = 0;
});

test('it is shown with its page, and after a while without', () => {
  const { window } = opened();
  vi.advanceTimersByTime(1000);
  expect(window.visible).toBe(false);
  vi.advanceTimersByTime(3000);
  expect(window.visible).toBe(true);
});

test('one that was hidden meanwhile stays so', () => {
  const { app, window } = opened();
  app.hide();
  window.emit('ready-to-show');
  vi.advanceTimersByTime(10_000);
  expect(window.visible).toBe(false);
});

test('a page that is gone once comes back by itself', () => {
  const { window } = opened();
  crash(window);
  expect(window.webContents.reload).toHaveBeenCalledOnce();
  expect(asked).toEqual([]);
});

test('a page that is gone twice is shown to be, and loaded again where the person wants that', async () => {
  const { window } = opened();
  crash(window);
  crash(window);
  expect(window.visible).toBe(true);
  expect(asked[0]?.buttons).toEqual(['Reload', 'Quit Fettle']);
  await vi.advanceTimersByTimeAsync(0);
  expect(window.webContents.reload).toHaveBeenCalledTimes(2);
  expect(quit.times).toBe(0);
});

test('or Fettle ends', async () => {
  answer.response = 1;
  const { window } = opened();
  crash(window);
  crash(window);
  await vi.advanceTimersByTimeAsync(0);
  expect(quit.times).toBe(1);
  expect(window.webContents.reload).toHaveBeenCalledOnce();
});

test('a hidden window asks nothing, and loads its page when it is shown', async () => {
  const { app, window } = opened();
  window.emit('ready-to-show');
  app.hide();
  crash(window);
  crash(window);
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([]);
  expect(window.webContents.reload).toHaveBeenCalledOnce();
  window.webContents.isCrashed = () => true;
  app.show();
  expect(window.webContents.reload).toHaveBeenCalledTimes(2);
});
