/** Other computers of the world: tested and priced as a person would. */
import { implement } from '@orpc/server';
import { contract } from '../../../common/api/contract.ts';
import { TargetSpec } from '../../../common/api/targets.ts';

const CARDS = Array.from({ length: 4 }, () => ({ name: 'NVIDIA A100-SXM4-80GB', bytes: 80 * 2 ** 30 }));

/** One with four cards, which was tested. */
export const fakeTarget = TargetSpec.parse({
  name: 'lab',
  kind: 'ssh',
  host: 'me@gpu.example.org',
  pricePerHour: 5.2,
  cards: CARDS,
});

export function fakeTargets(world: { targets: readonly TargetSpec[] }) {
  const os = implement(contract).targets;
  return {
    list: os.list.handler(() => world.targets),
    add: os.add.handler(({ input: { token: _, ...given } }) => {
      const added = TargetSpec.parse(given);
      world.targets = [...world.targets, added];
      return added;
    }),
    price: os.price.handler(({ input: { name, perHour } }) => {
      const found = world.targets.find((one) => one.name === name)!;
      const priced = { ...found, pricePerHour: perHour };
      world.targets = world.targets.map((one) => (one === found ? priced : one));
      return priced;
    }),
    remove: os.remove.handler(({ input }) => {
      world.targets = world.targets.filter(({ name }) => name !== input.name);
    }),
    test: os.test.handler(() => ({
      cards: CARDS,
      cores: 64,
      memoryBytes: 512 * 2 ** 30,
      freeDiskBytes: 2 * 2 ** 40,
      python: '3.12.4',
      packages: { torch: '2.13.0' },
      missing: [],
    })),
  };
}
