/** This computer as the planner looks at it before there is a run: its devices, what they are known to do, and the memory that is free. */
import type { Hardware } from '../../common/api/contract.ts';
import { freeMemory, hardwareNow } from '../hardware/facts.ts';
import { devicesOf } from '../plan/devices.ts';
import type { Grounds } from '../plan/estimate.ts';
import type { ExampleComputer } from '../plan/example-fit.ts';
import { inSteps } from '../plan/situation-for.ts';
import type { Store } from '../store/store.ts';
import { readGrounds } from './grounds.ts';

/** What the example run is planned for (plan/example-fit.ts); `hardware`: what the probes have just found. */
export async function exampleComputer(
  store: Pick<Store, 'folder' | 'hardware' | 'runs' | 'settings'>,
  hardware?: Hardware,
): Promise<ExampleComputer> {
  // the history is read once for all that is priced
  const known = readGrounds(store);
  const grounds = new Map<string, Grounds>();
  return {
    devices: devicesOf(hardware ?? (await hardwareNow(store.folder)), known.measurements),
    groundsOf: (executor, device) => {
      const key = `${executor} ${device}`;
      const found = grounds.get(key) ?? known.of(executor, device);
      grounds.set(key, found);
      return found;
    },
    freeBytes: inSteps(await freeMemory.settled()),
  };
}
