/** One other computer, with four cards. */
import { implement } from '@orpc/server';
import { contract, type TargetSpec } from '../../../common/api/contract.ts';

export function fakeTargets() {
  const os = implement(contract).targets;
  const usual = { port: null, key: null, sshConfig: null, folder: '.fettle', python: null, processes: null };
  const slurm = {
    pricePerHour: null,
    partition: null,
    account: null,
    gpus: null,
    nodes: null,
    minutes: null,
  };
  let all: TargetSpec[] = [{ name: 'lab', kind: 'ssh', host: 'me@gpu.example.org', ...usual, ...slurm }];
  return {
    list: os.list.handler(() => all),
    add: os.add.handler(({ input }) => {
      const added = { ...usual, ...slurm, ...input } as TargetSpec;
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
