/** The curves of a run, in columns, thinned to as many points as a plot can show. */
import type { RunCurves } from '../../preload/contract.ts';
import type { EvalEvent } from '../engine/protocol.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';
import { thinned } from './thin.ts';

interface Point {
  readonly step: number;
  readonly loss: number | null;
  readonly learningRate: number | null;
  readonly gradNorm: number | null;
  readonly tokensPerSecond: number | null;
  readonly memoryBytes: number | null;
}

/** What old runs have recorded of their memory counts weights as often as they were mapped. */
const MEMORY = "coalesce(moreJson ->> '$.memoryBytes', rssBytes) as memoryBytes";
const SELECT = `select step, loss, learningRate, gradNorm, tokensPerSecond, ${MEMORY} from metrics where run = ? order by number`;

/** At most `points` points; extremes of loss and gradient stay, and so do the first and the last point. */
export function readCurves(base: Base, run: number, points: number): RunCurves {
  const all = withoutRepeated(base.on.read(SELECT, [run]) as Point[]);
  const figures = (name: Exclude<keyof Point, 'step'>) => all.map((point) => point[name] ?? Number.NaN);
  const loss = figures('loss');
  const gradNorm = figures('gradNorm');
  const kept = thinned([loss, gradNorm], points);
  const column = (values: readonly number[]) => kept.map((i) => values[i]!);
  return {
    step: kept.map((i) => all[i]!.step),
    loss: column(loss),
    learningRate: column(figures('learningRate')),
    gradNorm: column(gradNorm),
    tokensPerSecond: column(figures('tokensPerSecond')),
    memoryBytes: column(figures('memoryBytes')),
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
  return withoutRepeated(events).map(({ step, loss, best }) => ({ step, loss, best }));
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
