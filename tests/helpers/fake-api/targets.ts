/** One other computer, with four cards. */
import { implement } from '@orpc/server';
import { contract, type TargetSpec } from '../../../common/api/contract.ts';
import { USUAL } from '../../../main/app/targets.ts';

export function fakeTargets() {
  const os = implement(contract).targets;
  let all: TargetSpec[] = [{ name: 'lab', kind: 'ssh', host: 'me@gpu.example.org', ...USUAL }];
  return {
    list: os.list.handler(() => all),
    add: os.add.handler(({ input }) => {
      const added = { ...USUAL, ...input } as TargetSpec;
      all = [...all, added];
      return added;
    }),
    remove: os.remove.handler(({ input }) => {
      all = all.filter(({ name }) => name !== input.name);
    }),
    test: os.test.handler(() => ({
      cards: Array.from({ length: 4 }, () => ({ name: 'NVIDIA A100', bytes: 80 * 2 ** 30 })),
      cores: 64,
      memoryBytes: 512 * 2 ** 30,
      freeDiskBytes: 2 * 2 ** 40,
      python: '3.12.4',
      packages: { torch: '2.13.0' },
      missing: [],
    })),
  };
}
