/** The curves of a run, in columns, thinned to as many points as a plot can show. */
import type { RunCurves } from '../../common/api/contract.ts';
import type { EvalEvent } from '../../common/protocol/protocol.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';

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

/**
 * At most `points` indices, ascending, into `curves` of equal length: the first, the last, and from each of equally long
 * stretches the lowest and the highest point of every curve. All of them where there are not more.
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
