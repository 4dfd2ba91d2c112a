/** Calls about other computers that can train. */
import type { Parts } from '../app/parts.ts';
import { addTarget, listTargets, priceTarget, removeTarget, testTarget } from '../app/targets.ts';
import type { Implementer } from './router.ts';

export function targetCalls(os: Implementer, { store, host: { secrets } }: Parts) {
  return {
    list: os.targets.list.handler(() => listTargets(store)),
    add: os.targets.add.handler(({ input }) => addTarget(store, secrets, input)),
    remove: os.targets.remove.handler(({ input }) => removeTarget(store, secrets, input.name)),
    price: os.targets.price.handler(({ input }) => priceTarget(store, input.name, input.perHour)),
    test: os.targets.test.handler(({ input, signal }) => testTarget(store, secrets, input.name, signal)),
  };
}
