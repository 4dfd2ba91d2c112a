/** The parts behind a window and behind the web host: opened one after the other, closed in the opposite order. */
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import { allowedPaths } from '../api/allowed.ts';
import { type Hold, type Holder, takeFolder } from '../api/instance.ts';
import type { Host, Parts } from '../api/parts.ts';
import { forgetHardware } from '../hardware/facts.ts';
import { openHub } from '../hub/hub.ts';
import { type Log, openLog } from '../log.ts';
import { openPacks } from '../packs/packs.ts';
import { openEngineCalls } from '../runs/engine-calls.ts';
import { openSupervisor } from '../runs/supervisor.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';

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
  if (!('holder' in taken))
    return { store, hold: taken, log: openLog(() => path.join(store.folder, 'logs')) };
  const { folder } = store;
  store.close();
  const { where, hint } = elsewhere(taken.holder);
  throw new AppError(
    'already-running',
    `Fettle runs already with the data in ${folder}: ${where}, as process ${taken.holder.pid}.`,
    hint,
  );
}

/** Opens all of them on `host`. */
export function openParts(store: Store, host: Host): Parts {
  const engine = openEngineCalls(host.fork);
  return {
    host,
    store,
    engine,
    supervisor: openSupervisor({ store, host, makeRoom: engine.makeRoom }),
    hub: openHub({ store, engine, host }),
    packs: openPacks({ store, host, onChange: forgetHardware }),
    allowed: allowedPaths(store),
  };
}

/** Ends everything; a training that goes on saves and can be resumed. */
export async function closeParts(
  { store, supervisor, engine, hub, packs }: Parts,
  hold: Hold,
): Promise<void> {
  await supervisor.close({ pause: true });
  await hub.close();
  await packs.close();
  engine.close();
  hold.release();
  store.close();
}
