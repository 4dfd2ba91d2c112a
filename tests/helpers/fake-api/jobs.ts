/** The runs of the fake app, and jobs that are put into its queue. */
import { ORPCError } from '@orpc/server';
import type { Job, RunDetails } from '../../../common/api/contract.ts';
import type { FakeWorld } from './world.ts';

export function problem(
  code: string,
  message: string,
  hint: string,
): ORPCError<'PROBLEM', { code: string; hint: string }> {
  return new ORPCError('PROBLEM', { status: 422, message, data: { code, hint }, defined: true });
}

export function runOf(world: FakeWorld, id: string): RunDetails {
  const found = world.runs.find((run) => run.id === id);
  if (!found) throw problem('no-run', `There is no run with the id ${id}.`, 'It may have been deleted.');
  return found;
}

/** A job that waits. */
export function newJob(world: FakeWorld, kind: Job['kind'], runId: string, name: string): Job {
  const job: Job = {
    ...world.jobs[0]!,
    ...{ id: `job-${Date.now()}`, kind, runId, name },
    ...{ state: 'waiting', fraction: null },
  };
  world.jobs = [...world.jobs, job];
  return job;
}
