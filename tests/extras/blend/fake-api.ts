/** Blends of the fake app: each is a job that waits. */
import { implement } from '@orpc/server';
import { contract } from '../../../common/api/contract.ts';
import { newJob, runOf } from '../../helpers/fake-api/jobs.ts';
import type { FakeWorld } from '../../helpers/fake-api/world.ts';

export function fakeBlends(world: FakeWorld) {
  const os = implement(contract).blends;
  const job = (runId: string) => newJob(world, 'train', runId, runOf(world, runId).name);
  return {
    blend: os.blend.handler(({ input }) => job(input.runId)),
    combine: os.combine.handler(({ input }) => job(input.runId)),
  };
}
