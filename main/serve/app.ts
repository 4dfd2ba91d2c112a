/** The whole web host: opens the parts one after the other, serves them, and closes them in the opposite order. */
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import { allowedPaths } from '../api/allowed.ts';
import { apiRouter } from '../api/api.ts';
import { UPLOADS } from '../api/files.ts';
import { type Hold, takeFolder } from '../api/instance.ts';
import type { Parts } from '../api/parts.ts';
import { forgetHardware } from '../hardware/facts.ts';
import { openHub } from '../hub/hub.ts';
import { openLog } from '../log.ts';
import { openPacks } from '../packs/packs.ts';
import { openEngineCalls } from '../runs/engine-calls.ts';
import { openSupervisor } from '../runs/supervisor.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { webHost } from './host.ts';
import { serve, type WebServer } from './serve.ts';

export interface WebAppOptions {
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
export async function openWebApp(options: WebAppOptions): Promise<WebApp> {
  const store = await openStore();
  const hold = holdOf(store);
  const parts = openParts(store, options);
  const log = openLog(() => path.join(store.folder, 'logs'));
  try {
    const { renderer, port, host } = options;
    const uploads = () => path.join(store.folder, UPLOADS);
    const server = await serve({ router: apiRouter(parts, log), log, renderer, uploads, port, host });
    parts.supervisor.recover();
    hold.tell(server.address);
    return appOf(parts, server, hold);
  } catch (error) {
    await closeParts(parts, hold);
    throw error;
  }
}

function holdOf(store: Store): Hold {
  const taken = takeFolder(() => store.folder, 'web');
  if (!('holder' in taken)) return taken;
  const { kind, address, pid } = taken.holder;
  store.close();
  const where = kind === 'web' ? 'in a terminal' : 'in a window';
  throw new AppError(
    'already-running',
    `Fettle runs already with the data in ${store.folder}: ${where}, as process ${pid}.`,
    address === null
      ? 'Use that one, or close it first.'
      : `It is at ${address}; for a link that lets a browser in, press Enter in the terminal where it runs.`,
  );
}

function openParts(store: Store, { notify, onQuit }: WebAppOptions): Parts {
  const quit = async () => onQuit();
  const host = webHost({ folder: () => store.folder, notify, quit });
  const engine = openEngineCalls(host.fork);
  const supervisor = openSupervisor({ store, host, makeRoom: engine.makeRoom });
  const hub = openHub({ store, engine, host });
  return {
    host,
    store,
    supervisor,
    engine,
    hub,
    packs: openPacks({ store, host, onChange: forgetHardware }),
    allowed: allowedPaths(store),
  };
}

function appOf(parts: Parts, server: WebServer, hold: Hold): WebApp {
  const { store, supervisor } = parts;
  let closing: Promise<void> | null = null;
  return {
    server,
    notice: store.notice,
    running: () =>
      supervisor.list().find(({ state }) => state === 'running' || state === 'starting')?.name ?? null,
    close() {
      closing ??= server.close().then(() => closeParts(parts, hold));
      return closing;
    },
  };
}

async function closeParts({ store, supervisor, engine, hub, packs }: Parts, hold: Hold): Promise<void> {
  await supervisor.close({ pause: true });
  await hub.close();
  await packs.close();
  engine.close();
  hold.release();
  store.close();
}
