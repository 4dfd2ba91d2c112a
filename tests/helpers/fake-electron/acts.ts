/** What a test may do with a running fake Electron, each by a name: what a person, a page or the system would do. */
import { app, FakeEvent } from './app.ts';
import { type Frame, ipcMain, MessagePortMain } from './messages.ts';
import { handlers, session } from './session.ts';
import { dialogs } from './state.ts';
import { Menu, Notification, powerMonitor, Tray } from './system.ts';
import { BrowserWindow } from './windows.ts';

type Act = (given: never) => unknown;

const theWindow = () => {
  const [window] = app.windows;
  if (!(window instanceof BrowserWindow)) throw new Error('There is no window.');
  return window;
};

export const acts: Readonly<Record<string, Act>> = {
  closeWindow: () => theWindow().close(),
  quit: () => void setImmediate(() => app.quit()),
  secondInstance: () => app.emit('second-instance'),
  activate: () => app.emit('activate'),
  shutdown: () => powerMonitor.emit('shutdown'),
  /** Whether the page was kept from it. */
  contentsEvent({ name, ...details }: { name: string }) {
    const event = new FakeEvent(details);
    theWindow().webContents.emit(name, event, details);
    return event.defaultPrevented;
  },
  openWindow: (url: string) => theWindow().webContents.open({ url }),
  async fetch({ url, method = 'GET' }: { url: string; method?: string }) {
    const handler = handlers.get('app');
    if (!handler) throw new Error('Nothing serves app://.');
    const answer = await handler({ url, method } as Request);
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  },
  ask: ({ permission, requestingUrl }: { permission: string; requestingUrl: string }) =>
    new Promise((resolve) =>
      session.defaultSession.ask(null, permission, resolve, { requestingUrl, isMainFrame: true }),
    ),
  check: ({ permission, origin }: { permission: string; origin: string }) =>
    session.defaultSession.check(null, permission, origin),
  device: () => session.defaultSession.device(),
  request: (url: string) =>
    new Promise((resolve) => session.defaultSession.before({ url }, ({ cancel }) => resolve(!cancel))),
  download(url: string) {
    const event = new FakeEvent();
    session.defaultSession.emit('will-download', event, { getURL: () => url });
    return !event.defaultPrevented;
  },
  /** Sends what a page would; tells whether the port was taken. */
  ipc({ channel, frame }: { channel: string; frame: Frame | null }) {
    const port = new MessagePortMain(() => {});
    ipcMain.deliver(channel, frame, [port]);
    return { taken: !port.isClosed && port.listenerCount('message') > 0, channels: ipcMain.eventNames() };
  },
  answer: (answer: unknown) => dialogs.emit('answer', answer),
  menu: (label: string) => Menu.application?.click(label) ?? false,
  tray: (label: string) => Tray.current?.menu?.click(label) ?? false,
  clickTray: () => Tray.current?.emit('click'),
  lookElsewhere: () => theWindow().blur(),
  clickNotice: () => Notification.last?.emit('click'),
  bounds: (bounds: object) => theWindow().setBounds(bounds),
};
