/** The events of runs, numbered. Steps and samples have tables of their own; read together they are what the engine sent. */
import type { NumberedEvent } from '../../preload/contract.ts';
import type { Store } from '../api/parts.ts';
import type { EngineEvent } from '../engine/protocol.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';
import { readCurves } from './curves.ts';
import { addStep, readSteps } from './metrics.ts';
import { missedIn } from './missed.ts';
import { runKey } from './run-key.ts';
import { openRuns } from './runs.ts';
import { addSample, readSampleEvents, readSamples } from './samples.ts';

const INSERT = 'insert or ignore into events(run, number, at, kind, eventJson) values (?, ?, ?, ?, ?)';
const TABLES = ['events', 'metrics', 'samples'];
const LAST = `select max(number) as last from (${TABLES.map(
  (table) => `select max(number) as number from ${table} where run = ?`,
).join(' union all ')})`;
const TAKEN = TABLES.map((table) => `select 1 from ${table} where run = ? and number = ?`).join(
  ' union all ',
);

export function openEvents(base: Base): Store['events'] {
  return {
    add: (runId, events, change) =>
      base.on.transaction(() => {
        addEvents(base, runId, events);
        if (change) openRuns(base).update(runId, change);
      }),
    read: (runId, after = 0) => readEvents(base, runKey(base, runId), after),
    lastNumber: (runId) => lastNumber(base, runKey(base, runId)),
    missed: (runId, upTo = Number.POSITIVE_INFINITY) => missedEvents(base, runId, upTo),
    curves: (runId, points) => {
      const run = runKey(base, runId);
      return { ...readCurves(base, run, points), lastNumber: lastNumber(base, run) };
    },
    samples: (runId) => readSamples(base, runKey(base, runId)),
  };
}

function missedEvents(base: Base, runId: string, upTo: number): NumberedEvent[] {
  const run = runKey(base, runId);
  const { step, evals } = readCurves(base, run, 2);
  const known = {
    ...{ lastStep: step.at(-1) ?? 0, lastEval: evals.at(-1)?.step ?? -1 },
    lastNumber: lastNumber(base, run),
  };
  return missedIn(openRuns(base).get(runId).folder, known, upTo);
}

function addEvents(base: Base, runId: string, events: readonly NumberedEvent[]): void {
  if (events.length === 0) return;
  base.on.transaction(() => {
    const run = runKey(base, runId);
    const last = lastNumber(base, run);
    for (const { number, at, event } of events) {
      const taken =
        number <= last &&
        base.on.read(
          TAKEN,
          TABLES.flatMap(() => [run, number]),
        ).length > 0;
      if (!taken) addEvent(base, run, number, at, event);
    }
  });
}

function addEvent(base: Base, run: number, number: number, at: number, event: EngineEvent): void {
  if (event.event === 'step') addStep(base, run, number, at, event);
  else if (event.event === 'sample') addSample(base, run, number, at, event);
  else base.on.write(INSERT, [run, number, at, event.event, base.json(event)]);
}

function readEvents(base: Base, run: number, after: number): NumberedEvent[] {
  const query = build.selectFrom('events').selectAll().where('run', '=', run).where('number', '>', after);
  const others = base.on.all(query.orderBy('number')).map(({ number, at, eventJson }) => ({
    ...{ number, at },
    event: base.parse<EngineEvent>(eventJson),
  }));
  const all = [...others, ...readSteps(base, run, after), ...readSampleEvents(base, run, after)];
  return all.sort((a, b) => a.number - b.number);
}

function lastNumber({ on }: Base, run: number): number {
  const [row] = on.read(
    LAST,
    TABLES.map(() => run),
  ) as { last: number | null }[];
  return row?.last ?? 0;
}
