/** The parts behind the window: opened one after the other, closed in the opposite order. */
import path from 'node:path';
import type { Job } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { allowedPaths } from '../api/allowed.ts';
import { apiRouter } from '../api/api.ts';
import { type Hold, takeFolder } from '../api/instance.ts';
import type { Host, Parts } from '../api/parts.ts';
import { forgetHardware } from '../hardware/facts.ts';
import { openHub } from '../hub/hub.ts';
import { type Log, openLog } from '../log.ts';
import { openPacks } from '../packs/packs.ts';
import { openEngineCalls } from '../runs/engine-calls.ts';
import { openSupervisor } from '../runs/supervisor.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { servePorts } from './port.ts';
import { words } from './words.ts';

export interface Desktop {
  readonly parts: Parts;
  /** Jobs that go on now, then those that wait to go on by themselves. */
  going(): readonly Job[];
  /** Ends the job that goes on; what was saved stays. */
  stopJobs(): Promise<void>;
  /** Ends everything; a training that goes on saves and can be resumed. */
  close(): Promise<void>;
}

const ACTIVE: readonly Job['state'][] = ['starting', 'running', 'pausing', 'stopping'];

/** The data folder, open and ours alone. Throws `AppError('already-running')` where another process has it. */
export async function openData(): Promise<{ store: Store; hold: Hold; log: Log }> {
  const store = await openStore();
  const taken = takeFolder(() => store.folder, 'electron');
  if ('holder' in taken) {
    const { folder } = store;
    store.close();
    const { kind, address, pid } = taken.holder;
    const where = kind === 'electron' ? 'in a window' : `in a browser${address ? ` at ${address}` : ''}`;
    const { otherHost, otherHint } = words.failure;
    throw new AppError('already-running', otherHost(folder, where, pid), otherHint);
  }
  return { store, hold: taken, log: openLog(() => path.join(store.folder, 'logs')) };
}

/** Opens the parts on `host` and serves them to the window. */
export function openDesktop({ store, hold, log }: Awaited<ReturnType<typeof openData>>, host: Host): Desktop {
  const engine = openEngineCalls(host.fork);
  const supervisor = openSupervisor({ store, host, makeRoom: engine.makeRoom });
  const hub = openHub({ store, engine, host });
  const packs = openPacks({ store, host, onChange: forgetHardware });
  const parts = { host, store, supervisor, engine, hub, packs, allowed: allowedPaths(store) };
  servePorts(apiRouter(parts, log), log);
  supervisor.recover();
  let closing: Promise<void> | null = null;
  const active = () => supervisor.list().filter(({ state }) => ACTIVE.includes(state));
  return {
    parts,
    going: () => {
      const going = active();
      const waiting = supervisor.list().filter(({ state }) => state === 'waiting' || state === 'scheduled');
      return going.length > 0 ? [...going, ...waiting] : [];
    },
    async stopJobs() {
      for (const { id } of active()) await supervisor.cancel(id);
    },
    close() {
      closing ??= closeAll(parts, hold);
      return closing;
    },
  };
}

async function closeAll({ supervisor, hub, packs, engine, store }: Parts, hold: Hold): Promise<void> {
  await supervisor.close({ pause: true });
  await hub.close();
  await packs.close();
  engine.close();
  hold.release();
  store.close();
}
