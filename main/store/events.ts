/**
 * The events of runs, numbered, and their curves. Steps and samples have tables of their own; read together
 * they are what the engine sent.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Selectable } from 'kysely';
import type { NumberedEvent, RunCurves, RunSample } from '../../common/api/contract.ts';
import type { EngineEvent, EvalEvent, SampleEvent, StepEvent } from '../../common/protocol/protocol.ts';
import { COLUMNS, CURVES, type CurveKey, type Curves, type StepFigure } from '../../common/step-figures.ts';
import { parsedJson } from '../../common/values.ts';
import type { toBundledPath } from '../paths.ts';
import { type Base, runKey } from './base.ts';
import { build } from './connection.ts';
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

const FIGURE_NAMES = COLUMNS.map(({ key }) => key);
const KNOWN_FIGURES: ReadonlySet<string> = new Set(['event', ...FIGURE_NAMES]);
const INSERTED = ['run', 'number', 'at', ...FIGURE_NAMES, 'moreJson'];
const INSERT_STEP = `insert or ignore into metrics(${INSERTED}) values (${INSERTED.map(() => '?')})`;
const SELECT_STEPS = `select ${['number', 'at', ...FIGURE_NAMES, 'moreJson']} from metrics where run = ? and number > ? order by number`;

/** Adds the step that is event `number` of the run with the key `run`. */
function addStep({ on }: Base, run: number, number: number, at: number, event: StepEvent): void {
  const more = Object.entries(event).filter(([name]) => !KNOWN_FIGURES.has(name));
  const moreJson = more.length > 0 ? JSON.stringify(Object.fromEntries(more)) : null;
  on.write(INSERT_STEP, [run, number, at, ...FIGURE_NAMES.map((name) => event[name]), moreJson]);
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
  const figures = COLUMNS.map(({ key, nullable }) => [key, nullable ? row[key] : (row[key] ?? Number.NaN)]);
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

/**
 * Events in a run's folder that the store lacks, up to step `upTo`, numbered on. The engine writes them itself, and the process that
 * records them may be killed first.
 */
function missedEvents(base: Base, runId: string, upTo: number): NumberedEvent[] {
  const run = runKey(base, runId);
  const { step, evals } = readCurves(base, run, 2);
  const [lastStep, lastEval, last] = [step.at(-1) ?? 0, evals.at(-1)?.step ?? -1, lastNumber(base, run)];
  const file = path.join(openRuns(base).get(runId).folder, 'metrics.jsonl');
  const at = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (at === undefined) return [];
  return readLines(file)
    .filter((metric) => metric.step > (metric.event === 'eval' ? lastEval : lastStep) && metric.step <= upTo)
    .map((event, i) => ({ number: last + 1 + i, at: Math.round(at), event }));
}

/** The held-out loss that the run in `folder` had at `step`; null where it has not come so far. */
export function lossAt(folder: string, step: number): number | null {
  const file = path.join(folder, 'metrics.jsonl');
  if (!fs.existsSync(file)) return null;
  return readLines(file).find((one) => one.event === 'eval' && one.step === step)?.loss ?? null;
}

function readLines(file: string): Metric[] {
  return fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const metric = parsed<Metric>(line);
      return metric && isMetric(metric) ? [metric] : [];
    });
}

/** Whether the columns can take it: a file may hold anything by now. */
function isMetric(metric: Metric): boolean {
  const isFigure = (value: unknown) => value === null || typeof value === 'number';
  if (typeof metric.step !== 'number') return false;
  if (metric.event === 'eval') return isFigure(metric.loss);
  return metric.event === 'step' && FIGURE_NAMES.every((name) => isFigure(metric[name]));
}

/** An object, or null for what is none: a file may have been cut off. */
export function parsed<T extends object>(text: string, reviver?: typeof toBundledPath): T | null {
  const value = parsedJson(text, reviver);
  return typeof value === 'object' ? (value as T | null) : null;
}

type Point = Readonly<Record<CurveKey, number | null>> & { readonly step: number };

const NOISY = CURVES.flatMap(({ key, chart }) => (chart?.noisy ? [key] : []));
const SELECT = `select ${CURVES.map(({ key, ...row }) => `${sqlOf(key, row)} as "${key}"`)} from metrics where run = ? order by number`;

/** A figure as SQL: its column, or a field of the JSON beside the columns. */
function sqlOf(key: string, { column, otherwise }: Pick<StepFigure, 'column' | 'otherwise'>): string {
  const value = column ? key : `moreJson ->> '$.${key}'`;
  return otherwise === undefined ? value : `coalesce(${value}, ${otherwise})`;
}

/** At most `points` points; extremes of what is noisy stay, and so do the first and the last point. */
function readCurves(base: Base, run: number, points: number): RunCurves {
  const all = withoutRepeated(base.on.read(SELECT, [run]) as Point[]);
  const figures = (key: CurveKey) => all.map((point) => point[key] ?? Number.NaN);
  const kept = thinned(NOISY.map(figures), points);
  const columns = CURVES.flatMap(({ key, optional }) => {
    const values = figures(key);
    if (optional && values.every(Number.isNaN)) return [];
    return [[key, kept.map((i) => values[i]!)]];
  });
  return {
    ...(Object.fromEntries(columns) as Curves<number[]>),
    recorded: all.length,
    evals: evaluations(base, run),
  };
}

function evaluations(base: Base, run: number): RunCurves['evals'] {
  const query = build
    .selectFrom('events')
    .select('eventJson')
    .where('run', '=', run)
    .where('kind', '=', 'eval');
  const events = base.on
    .all(query.orderBy('number'))
    .map(({ eventJson }) => JSON.parse(eventJson) as EvalEvent);
  return withoutRepeated(events).map(({ event: _, ...point }) => point);
}

/** A resumed run does what came after its checkpoint again: the later one of two records holds. */
function withoutRepeated<T extends { readonly step: number }>(records: readonly T[]): T[] {
  const kept: T[] = [];
  for (const record of records) {
    while (kept.length > 0 && kept.at(-1)!.step >= record.step) kept.pop();
    kept.push(record);
  }
  return kept;
}

/**
 * At most `points` indices, ascending, into `curves` of equal length: the first, the last, and from each of
 * equally long stretches the lowest and the highest point of every curve. All of them where there are not
 * more.
 */
export function thinned(curves: readonly (readonly number[])[], points: number): number[] {
  const length = curves[0]?.length ?? 0;
  if (length <= points) return Array.from({ length }, (_, i) => i);
  const stretches = Math.max(1, Math.floor((points - 2) / (2 * curves.length)));
  const kept = new Set([0, length - 1]);
  for (let i = 0; i < stretches; i++) {
    // the first and the last point are kept anyway
    const from = 1 + Math.floor((i * (length - 2)) / stretches);
    const to = 1 + Math.floor(((i + 1) * (length - 2)) / stretches);
    for (const curve of curves) for (const index of extremes(curve, from, to)) kept.add(index);
  }
  return [...kept].sort((a, b) => a - b);
}

/** Where `curve` is lowest and highest from `from` to before `to`; what is not a number is neither. */
function extremes(curve: readonly number[], from: number, to: number): number[] {
  let [lowest, highest] = [-1, -1];
  for (let i = from; i < to; i++) {
    const value = curve[i]!;
    if (Number.isNaN(value)) continue;
    if (lowest < 0 || value < curve[lowest]!) lowest = i;
    if (highest < 0 || value > curve[highest]!) highest = i;
  }
  return lowest < 0 ? [] : [lowest, highest];
}
