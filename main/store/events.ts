/** The events of runs, numbered. Steps and samples have tables of their own; read together they are what the engine sent. */
import fs from 'node:fs';
import path from 'node:path';
import type { Selectable } from 'kysely';
import type { NumberedEvent, RunSample } from '../../common/api/contract.ts';
import type { EngineEvent, EvalEvent, SampleEvent, StepEvent } from '../../common/protocol/protocol.ts';
import type { toBundledPath } from '../paths.ts';
import { type Base, runKey } from './base.ts';
import { build } from './connection.ts';
import { readCurves } from './curves.ts';
import { openRuns } from './runs.ts';
import type { Store } from './store.ts';
import type { MetricsTable } from './tables.ts';

const INSERT_EVENT = 'insert or ignore into events(run, number, at, kind, eventJson) values (?, ?, ?, ?, ?)';
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
    lastStep: step.at(-1) ?? 0,
    lastEval: evals.at(-1)?.step ?? -1,
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
  else base.on.write(INSERT_EVENT, [run, number, at, event.event, base.json(event)]);
}

function readEvents(base: Base, run: number, after: number): NumberedEvent[] {
  const query = build.selectFrom('events').selectAll().where('run', '=', run).where('number', '>', after);
  const others = base.on.all(query.orderBy('number')).map(({ number, at, eventJson }) => ({
    number,
    at,
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

/** The figures of a step in the order in which the engine sends them. */
const FIGURES = [
  'step',
  'steps',
  'epoch',
  'loss',
  'gradNorm',
  'learningRate',
  'tokens',
  'tokensPerSecond',
  'stepMs',
  'rssBytes',
  'secondsLeft',
] as const satisfies readonly (keyof StepEvent & keyof MetricsTable)[];

const KNOWN_FIGURES: ReadonlySet<string> = new Set(['event', ...FIGURES]);
const COLUMNS = ['run', 'number', 'at', ...FIGURES, 'moreJson'];
const INSERT_STEP = `insert or ignore into metrics(${COLUMNS}) values (${COLUMNS.map(() => '?')})`;
const SELECT_STEPS = `select ${['number', 'at', ...FIGURES, 'moreJson']} from metrics where run = ? and number > ? order by number`;

/** Adds the step that is event `number` of the run with the key `run`. */
function addStep({ on }: Base, run: number, number: number, at: number, event: StepEvent): void {
  const more = Object.entries(event).filter(([name]) => !KNOWN_FIGURES.has(name));
  const moreJson = more.length > 0 ? JSON.stringify(Object.fromEntries(more)) : null;
  on.write(INSERT_STEP, [run, number, at, ...FIGURES.map((name) => event[name]), moreJson]);
}

/** Steps with a number above `after`, as the engine sent them. */
function readSteps({ on }: Base, run: number, after: number): NumberedEvent[] {
  return (on.read(SELECT_STEPS, [run, after]) as Selectable<MetricsTable>[]).map((row) => ({
    number: row.number,
    at: row.at,
    event: stepOf(row),
  }));
}

function stepOf(row: Selectable<MetricsTable>): StepEvent {
  const figures = FIGURES.map((name) => [
    name,
    name === 'secondsLeft' ? row[name] : (row[name] ?? Number.NaN),
  ]);
  const more = row.moreJson === null ? {} : JSON.parse(row.moreJson);
  return { event: 'step', ...Object.fromEntries(figures), ...more };
}

const INSERT_SAMPLE =
  'insert or ignore into samples(run, number, at, step, prompt, text) values (?, ?, ?, ?, ?, ?)';

function addSample({ on }: Base, run: number, number: number, at: number, event: SampleEvent): void {
  on.write(INSERT_SAMPLE, [run, number, at, event.step, event.prompt, event.text]);
}

function readSampleEvents({ on }: Base, run: number, after: number): NumberedEvent[] {
  const query = build.selectFrom('samples').selectAll().where('run', '=', run).where('number', '>', after);
  return on.all(query.orderBy('number')).map(({ number, at, step, prompt, text }) => ({
    number,
    at,
    event: { event: 'sample', step, prompt, text },
  }));
}

/** By step, and within it in the order of the prompts; what a resumed run said again counts once. */
function readSamples({ on }: Base, run: number): RunSample[] {
  const query = build.selectFrom('samples').select(['step', 'prompt', 'text']).where('run', '=', run);
  const kept: RunSample[] = [];
  let before = -1;
  for (const sample of on.all(query.orderBy('number'))) {
    if (sample.step < before) kept.splice(kept.findIndex(({ step }) => step >= sample.step));
    const again = kept.findIndex(({ step, prompt }) => step === sample.step && prompt === sample.prompt);
    if (again >= 0) kept[again] = sample;
    else kept.push(sample);
    before = sample.step;
  }
  return kept;
}

type Metric = StepEvent | EvalEvent;

/** What the store knows of a run. */
interface Known {
  readonly lastStep: number;
  readonly lastEval: number;
  readonly lastNumber: number;
}

/**
 * What the folder of a run has beyond `known`, up to step `upTo`, numbered on: an engine writes it itself, and whoever records what it
 * says may be killed before it has heard or written it.
 */
function missedIn(folder: string, known: Known, upTo: number): NumberedEvent[] {
  const { lastStep, lastEval, lastNumber } = known;
  const file = path.join(folder, 'metrics.jsonl');
  const at = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (at === undefined) return [];
  return readLines(file)
    .filter((metric) => metric.step > (metric.event === 'eval' ? lastEval : lastStep) && metric.step <= upTo)
    .map((event, i) => ({ number: lastNumber + 1 + i, at: Math.round(at), event }));
}

function readLines(file: string): Metric[] {
  return fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const metric = parsed<Metric>(line);
      return metric && (metric.event === 'step' || metric.event === 'eval') ? [metric] : [];
    });
}

/** An object, or null for what is none: a file may have been cut off. */
export function parsed<T extends object>(text: string, reviver?: typeof toBundledPath): T | null {
  try {
    const value: unknown = JSON.parse(text, reviver);
    return typeof value === 'object' && value !== null ? (value as T) : null;
  } catch {
    return null;
  }
}
