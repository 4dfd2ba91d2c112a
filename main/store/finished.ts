/** The newest runs that have ended with an account of what they took: what the planner learns from. */
import type { FinishedRun } from '../api/parts.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';

/** The newest `limit` finished runs, the oldest of them first. */
export function finishedRuns(base: Base, limit: number): FinishedRun[] {
  const rows = base.on.all(
    build
      .selectFrom('runs')
      .select(['doneJson', 'machineJson'])
      .where('state', 'in', ['done', 'stopped-early'])
      .where('binned', 'is', null)
      .where('doneJson', 'is not', null)
      .orderBy('key', 'desc')
      .limit(limit),
  );
  return rows
    .map(
      ({ doneJson, machineJson }): FinishedRun => ({
        done: base.parse(doneJson!),
        machine: base.parse(machineJson),
      }),
    )
    .reverse();
}
