/** Calls about other computers that can train. */
import type { Parts } from '../app/parts.ts';
import { addTarget, listTargets, removeTarget, targetNamed } from '../app/targets.ts';
import type { Implementer } from './router.ts';

export function targetCalls(os: Implementer, { store }: Parts) {
  return {
    list: os.targets.list.handler(() => listTargets(store)),
    add: os.targets.add.handler(({ input }) => addTarget(store, input)),
    remove: os.targets.remove.handler(({ input }) => removeTarget(store, input.name)),
    test: os.targets.test.handler(({ input, signal }) => targetNamed(store, input.name).test(signal)),
  };
}
