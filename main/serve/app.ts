/** The whole web host: opens the parts and serves them, and closes everything again. */
import path from 'node:path';
import { say } from '../../common/words/language.ts';
import { apiRouter } from '../api/api.ts';
import { downloadOf } from '../app/downloads.ts';
import { closeParts, openData, openParts } from '../app/parts.ts';
import { SettingsSearches } from '../app/searches.ts';
import { UPLOADS } from '../app/uploads.ts';
import { serve, type WebServer } from './serve.ts';
import { webHost } from './web-host.ts';

interface WebAppOptions {
  readonly renderer: string;
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  notify(title: string, body: string): void;
  /** The page asks for the end of the program. */
  onQuit(): void;
}

export interface WebApp {
  readonly server: WebServer;
  readonly notice: string | null;
  /** The name of the job that goes on now; null for none. */
  running(): string | null;
  /** Ends everything; a training that goes on saves and can be resumed. */
  close(): Promise<void>;
}

/** Opens the data folder and serves it. Throws `AppError('already-running')` where another process has that folder. */
export async function openWebApp({ renderer, port, host, notify, onQuit }: WebAppOptions): Promise<WebApp> {
  const { store, hold, log } = await openData('web', ({ kind, address }) => ({
    where: kind === 'web' ? say`in a terminal` : say`in a window`,
    hint:
      address === null
        ? 'Use that one, or close it first.'
        : `It is at ${address}; for a link that lets a browser in, press Enter in the terminal where it runs.`,
  }));
  const folder = () => store.folder;
  const parts = openParts(store, webHost({ folder, notify, quit: async () => onQuit() }));
  const { supervisor } = parts;
  const searches = new SettingsSearches(parts);
  try {
    const uploads = () => path.join(store.folder, UPLOADS);
    const download = async (run: string, what: string) => downloadOf(store.runs.get(run), what);
    const server = await serve({
      router: apiRouter(parts, log, searches),
      log,
      renderer,
      uploads,
      download,
      port,
      host,
    });
    supervisor.recover();
    searches.recover();
    hold.tell(server.address);
    let closing: Promise<void> | null = null;
    return {
      server,
      notice: store.notice,
      running: () =>
        supervisor.list().find(({ state }) => state === 'running' || state === 'starting')?.name ?? null,
      close() {
        closing ??= server.close().then(() => {
          searches.close();
          return closeParts(parts, hold);
        });
        return closing;
      },
    };
  } catch (error) {
    await closeParts(parts, hold);
    throw error;
  }
}
