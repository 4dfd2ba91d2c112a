/**
 * The parts behind the use cases, each with its interface in a folder of its own, and the program that shows Fettle. A window and the
 * web host open them one after the other and close them in the opposite order.
 */

import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HostInfo, PickKind } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { parsedJson } from '../../common/values.ts';
import { watchConnections } from '../connections.ts';
import { forgetHardware } from '../hardware/facts.ts';
import type { Secrets } from '../hub/connection.ts';
import { type Hub, openHub } from '../hub/hub.ts';
import { type Holder as Process, takeLock, thisProcess } from '../locks.ts';
import { type Log, logIn } from '../log.ts';
import { openPacks, type Packs } from '../packs/packs.ts';
import { isStillRunning, readText } from '../processes.ts';
import { renameAtOnce } from '../rename.ts';
import { type EngineCalls, openEngineCalls } from '../runs/engine-calls.ts';
import { KeptPrices } from '../runs/kept-prices.ts';
import type { JobHost } from '../runs/runner.ts';
import { openSupervisor, type Supervisor } from '../runs/supervisor.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { type AllowedPaths, allowedPaths } from './allowed.ts';
import { ServedModel } from './answering.ts';
import { forkFor } from './targets.ts';

export interface Parts {
  readonly host: Host;
  readonly store: Store;
  readonly supervisor: Supervisor;
  readonly engine: EngineCalls;
  readonly hub: Hub;
  readonly packs: Packs;
  readonly allowed: AllowedPaths;
  readonly served: ServedModel;
}

/** The program that shows Fettle: an Electron window or the web host. */
export interface Host extends JobHost {
  readonly kind: 'electron' | 'web';
  info(): Omit<HostInfo, 'dataFolder' | 'storeNotice' | 'repository'>;
  /** Dialogs of the system; null where the host has none. */
  pick: ((what: PickKind, suggest?: string) => Promise<string[]>) | null;
  /** Throws an AppError with what to do where the host cannot. */
  reveal(path: string): Promise<void>;
  /** What the host itself shows has to be said again, in another language. */
  onLanguage?(): void;
  /** Writes the HTML file `page` to `out` as PDF; null where the host has nothing that draws pages. */
  printPdf: ((page: string, out: string) => Promise<void>) | null;
  readonly secrets: Secrets;
}

export interface Data {
  readonly store: Store;
  readonly hold: Hold;
  readonly log: Log;
}

/** The data folder, open and ours alone. Throws `AppError('already-running')` where another process has it: `elsewhere` says where, and what to do. */
export async function openData(
  kind: Holder['kind'],
  elsewhere: (holder: Holder) => { readonly where: string; readonly hint: string },
): Promise<Data> {
  const store = await openStore();
  const taken = takeFolder(() => store.folder, kind);
  if (!('holder' in taken)) return { store, hold: taken, log: logIn(store) };
  const { folder } = store;
  store.close();
  const { where, hint } = elsewhere(taken.holder);
  throw new AppError(
    'already-running',
    `Fettle runs already with the data in ${folder}: ${where}, as process ${taken.holder.pid}.`,
    hint,
  );
}

export function openParts(store: Store, host: Host): Parts {
  watchConnections();
  const engine = openEngineCalls(host.fork, { readers: host.forkReader, keptPrices: new KeptPrices() });
  return {
    host,
    store,
    engine,
    supervisor: openSupervisor({
      store,
      host,
      makeRoom: engine.makeRoom,
      forkFor: (folder) => forkFor(store, folder, host),
    }),
    hub: openHub({ store, engine, host }),
    packs: openPacks({
      store,
      host,
      onChange: forgetHardware,
      test: (signal) => engine.speedTest('openvino', signal),
    }),
    allowed: allowedPaths(store),
    served: new ServedModel({ store, engine }),
  };
}

/** Ends everything; a training that goes on saves and can be resumed. */
export async function closeParts(
  { store, supervisor, engine, hub, packs, served }: Parts,
  hold: Hold,
): Promise<void> {
  await supervisor.close({ pause: true });
  await hub.close();
  await packs.close();
  await served.stop();
  engine.close();
  hold.release();
  store.close();
}

/** The process that has a data folder. */
export interface Holder extends Process {
  readonly kind: 'electron' | 'web';
  /** Where a browser finds it; null for a window, and before it listens. */
  readonly address: string | null;
}

/** The data folder is ours until `release`. */
type Hold = ReturnType<typeof holdOf>;

const NAME = 'host.lock';
const MODE = 0o600;

/** Takes the folder that `folder` gives (it may move later), or says who has it. */
export function takeFolder(folder: () => string, kind: Holder['kind']): Hold | { readonly holder: Holder } {
  const file = () => path.join(folder(), NAME);
  const own: Holder = { ...thisProcess(), kind, address: null };
  const isHeld = (content: string) => {
    const holder = parsed(content);
    return holder !== null && isStillRunning(holder.pid, holder.start);
  };
  const found = takeLock(file(), JSON.stringify(own), isHeld, MODE);
  return found === null ? holdOf(file, own) : { holder: parsed(found) ?? own };
}

function holdOf(file: () => string, own: Holder) {
  const isOurs = () => parsed(readText(file()) ?? '')?.pid === own.pid;
  return {
    tell(address: string) {
      if (!isOurs()) return;
      const temporary = `${file()}.${own.pid}`;
      writeFileSync(temporary, JSON.stringify({ ...own, address }), { mode: MODE });
      renameAtOnce(temporary, file());
    },
    release() {
      if (isOurs()) rmSync(file(), { force: true });
    },
  };
}

function parsed(content: string): Holder | null {
  const found = parsedJson(content) as Holder | null | undefined;
  return Number.isInteger(found?.pid) && found!.pid > 0 ? found! : null;
}
