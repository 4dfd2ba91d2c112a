/**
 * How runs of a computer should correct what the benchmark predicts: ways to learn, compared on runs that `bench:plan --keep` has written.
 * Two runs are learned from and all others are predicted, for every two of them, since one pair says little: which two it is changes the
 * error by half. Run `npm run bench:plan-learned -- FILE...`; more files (days, computers) say more, and no run is learned from in another file.
 */
import fs from 'node:fs';
import type { DeviceRates, Rates } from '../../common/api/contract.ts';
import type { DoneEvent } from '../../common/protocol/protocol.ts';
import { corrected, type Residual } from '../../main/plan/correction.ts';
import { runSeconds, secondsOf } from '../../main/plan/run-time.ts';
import { median } from './rounds.ts';

/** A run with the speeds that were measured before it. */
export interface KeptRun {
  readonly done: Pick<DoneEvent, 'price' | 'stepSeconds'>;
}

/** A run as a way to learn sees it: the residual, and the shares of its predicted time by the kind of work. */
interface Seen extends Residual {
  readonly shares: readonly number[];
}

/** What a run takes by the formula, corrected by what others took; seconds. */
type Way = (run: Seen, teachers: readonly Seen[]) => number;

const BASIS = { spread: 1.4, restsOn: 'benchmark' } as const;

const WAYS: Readonly<Record<string, Way>> = {
  'the benchmark alone': ({ predicted }) => predicted,
  'as the planner does': ({ predicted }, teachers) => corrected(predicted, teachers, BASIS).value,
  ...Object.fromEntries(
    [1, 2, 4].map((prior) => [`one factor, drawn as by ${prior} runs`, oneFactor(prior)]),
  ),
  'a factor for each kind of work': byKinds({ common: 0.08, kind: 0.15, noise: 0.1 }),
  'a factor for each kind, drawn harder': byKinds({ common: 0.05, kind: 0.1, noise: 0.12 }),
};

function oneFactor(prior: number): Way {
  return ({ predicted }, teachers) => {
    const { length } = teachers;
    return predicted * Math.exp((length / (length + prior)) * median(teachers.map(logOf)));
  };
}

/**
 * A regression on the shares of time, all factors drawn towards 1 (ridge regression): the logarithm of a ratio is a common part, a part of each kind
 * by its share, and noise, with the given standard deviations. Its posterior mean for the run that is predicted.
 */
function byKinds({ common, kind, noise }: { common: number; kind: number; noise: number }): Way {
  const like = (a: Seen, b: Seen) =>
    common ** 2 + kind ** 2 * a.shares.reduce((sum, share, i) => sum + share * b.shares[i]!, 0);
  return (run, teachers) => {
    const matrix = teachers.map((a, i) => teachers.map((b, j) => like(a, b) + (i === j ? noise ** 2 : 0)));
    const weights = solved(matrix, teachers.map(logOf));
    const log = teachers.reduce((sum, one, i) => sum + like(run, one) * weights[i]!, 0);
    return run.predicted * Math.exp(log);
  };
}

function logOf({ predicted, measured }: Residual): number {
  return Math.log(measured / predicted);
}

/** x of A x = b for a positive definite A, by elimination. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  rows.forEach((pivot, i) => {
    for (const row of rows.slice(i + 1)) {
      const factor = row[i]! / pivot[i]!;
      for (let j = i; j < row.length; j++) row[j]! -= factor * pivot[j]!;
    }
  });
  const x = new Array<number>(rows.length).fill(0);
  for (let i = rows.length - 1; i >= 0; i--) {
    const rest = x.reduce((sum, value, j) => (j > i ? sum + rows[i]![j]! * value : sum), 0);
    x[i] = (rows[i]!.at(-1)! - rest) / rows[i]![i]!;
  }
  return x;
}

/** Runs without a step time are left out. */
function seen(runs: readonly KeptRun[], device: DeviceRates): Seen[] {
  return runs.flatMap(({ done: { price, stepSeconds } }) => {
    if (!price || !stepSeconds) return [];
    const { gradient } = price.work;
    const predicted = runSeconds(price, device).step;
    const none = { products: [], moved: [], exponentials: 0, nodes: 0, outputBytes: 0, runs: 0 };
    const { products, moved, exponentials, nodes, outputBytes, runs: count } = gradient;
    const kinds = [
      { products },
      { moved },
      { exponentials },
      {
        nodes,
        ...(outputBytes !== undefined && { outputBytes }),
        ...(count !== undefined && { runs: count }),
      },
    ].map((kind) => price.work.batchesPerStep * secondsOf({ ...none, ...kind }, device));
    const update = predicted - kinds.reduce((sum, seconds) => sum + seconds, 0);
    return [{ predicted, measured: stepSeconds, shares: [...kinds, update].map((one) => one / predicted) }];
  });
}

/** Mean errors of each way over all pairs of teachers and all other runs, and the error of the worst pair. */
export function errorsOfWays(
  runs: readonly KeptRun[],
  device: DeviceRates,
): Map<string, { mean: number; worst: number }> {
  const all = seen(runs, device);
  return new Map(
    Object.entries(WAYS).map(([name, way]) => {
      const means: number[] = [];
      for (let i = 0; i < all.length; i++) {
        for (let j = i + 1; j < all.length; j++) {
          const teachers = [all[i]!, all[j]!];
          const others = all.filter((one) => !teachers.includes(one));
          const errors = others.map((one) => Math.abs(way(one, teachers) / one.measured - 1));
          means.push(errors.reduce((sum, error) => sum + error, 0) / errors.length);
        }
      }
      return [
        name,
        { mean: means.reduce((sum, one) => sum + one, 0) / means.length, worst: Math.max(...means) },
      ];
    }),
  );
}

/** The lines of a table of them, in percent. */
export function tableOfWays(runs: readonly KeptRun[], device: DeviceRates): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`.padStart(9);
  return [
    `${'two runs learned from'.padEnd(38)} mean, of the worst pair`,
    ...[...errorsOfWays(runs, device)].map(
      ([name, { mean, worst }]) => `${name.padEnd(38)} ${percent(mean)} ${percent(worst)}`,
    ),
  ];
}

if (import.meta.main) {
  for (const file of process.argv.slice(2)) {
    const { rates, runs } = JSON.parse(fs.readFileSync(file, 'utf8')) as { rates: Rates; runs: KeptRun[] };
    console.log(`${file}: ${runs.length} runs\n${tableOfWays(runs, rates.devices[0]!).join('\n')}\n`);
  }
}
