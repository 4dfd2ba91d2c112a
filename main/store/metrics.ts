/** Steps of a run, a row each with every figure in a column: they are most of what is recorded. */
import type { Selectable } from 'kysely';
import type { NumberedEvent } from '../../preload/contract.ts';
import type { StepEvent } from '../engine/protocol.ts';
import type { Base } from './base.ts';
import type { MetricsTable } from './tables.ts';

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

const KNOWN: ReadonlySet<string> = new Set(['event', ...FIGURES]);
const COLUMNS = ['run', 'number', 'at', ...FIGURES, 'moreJson'];
const INSERT = `insert or ignore into metrics(${COLUMNS}) values (${COLUMNS.map(() => '?')})`;
const SELECT = `select ${['number', 'at', ...FIGURES, 'moreJson']} from metrics where run = ? and number > ? order by number`;

/** Adds the step that is event `number` of the run with the key `run`. */
export function addStep({ on }: Base, run: number, number: number, at: number, event: StepEvent): void {
  const more = Object.entries(event).filter(([name]) => !KNOWN.has(name));
  const moreJson = more.length > 0 ? JSON.stringify(Object.fromEntries(more)) : null;
  on.write(INSERT, [run, number, at, ...FIGURES.map((name) => event[name]), moreJson]);
}

/** Steps with a number above `after`, as the engine sent them. */
export function readSteps({ on }: Base, run: number, after: number): NumberedEvent[] {
  return (on.read(SELECT, [run, after]) as Selectable<MetricsTable>[]).map((row) => ({
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
