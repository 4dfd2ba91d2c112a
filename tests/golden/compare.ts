/** Comparing numbers with reference values: the worst difference met, and what is allowed. */
import type { Batch } from '../../main/engine/data/batches/batch.ts';
import type { TrainState } from '../../main/engine/step/state.ts';
import type { Arrays } from './case.ts';

/** One compared quantity: the worst difference met and what is allowed. */
export interface Line {
  readonly quantity: string;
  readonly worst: number;
  readonly tolerance: number;
}

export const passes = ({ worst, tolerance }: Line): boolean => worst <= tolerance;

/**
 * What is allowed where products are in bfloat16, whose numbers have 8 bits: about twice the worst that was measured on any case.
 * The first row that fits counts; what no row names keeps its own tolerance.
 */
const IN_BFLOAT16: readonly (readonly [quantity: RegExp, tolerance: number])[] = [
  // sums over an answer, and what squares them (IPO) or doubles them (SimPO)
  [/log-likelihoods/, 0.25],
  [/ipo loss of each/, 0.55],
  [/ipo loss/, 0.17],
  [/ipo gradient norm/, 1.5],
  [/simpo gradients/, 0.08],
  [/loss of each$/, 0.08],
  [/logits/, 0.6],
  [/loss of each token/, 0.3],
  [/trace .*(losses|loss after)/, 0.15],
  [/gradient norm$/, 0.1],
  [/gradient norms/, 0.1],
  [/parameter norms/, 2e-3],
  [/gradients/, 0.04],
  [/loss/, 0.03],
];

/**
 * `line` with the tolerance of bfloat16. Null: it is not asked which of two tokens as likely comes first, nor for norms late in a trace,
 * where a steep loss makes much of what was rounded before; the trace's losses and parameters are.
 */
export function inBfloat16(line: Line): Line | null {
  if (/^greedy|^trace .*gradient norms/.test(line.quantity)) return null;
  const row = IN_BFLOAT16.find(([quantity]) => quantity.test(line.quantity));
  return row ? { ...line, tolerance: row[1] } : line;
}

/** Gradients of the summed loss, over `count` labels, against those of the mean loss. */
export async function gradientLine(
  quantity: string,
  expected: Arrays,
  state: TrainState,
  count: number,
  prefix: string,
): Promise<Line> {
  let worst = 0;
  let seen = 0;
  for (const { name } of state.trainables) {
    const reference = await expected.floats(`${prefix}${name}`);
    const own = state.slice('grad', name).map((g) => g / count);
    // absolute for gradients of the usual size, relative to the tensor's largest for bigger ones
    worst = Math.max(
      worst,
      difference(own, reference) / Math.max(1, 10 * reference.reduce((a, b) => Math.max(a, Math.abs(b)), 0)),
    );
    seen++;
  }
  const all = expected.names().filter((name) => name.startsWith(prefix)).length;
  return {
    quantity: `${quantity} (${seen} of ${all} tensors)`,
    worst: seen === all ? worst : Number.POSITIVE_INFINITY,
    tolerance: 1e-5,
  };
}

/** The mean loss of labelled tokens, and their number where it is known. */
export function lossLines(
  prefix: string,
  nll: Float32Array,
  batch: Batch,
  loss: Float32Array,
  count: Int32Array | null,
): Line[] {
  const own = sumLabelled(nll, batch) / batch.labelledCount;
  const lines = [{ quantity: `${prefix}loss`, worst: Math.abs(own - loss[0]!), tolerance: 1e-5 }];
  if (count)
    lines.push({
      quantity: `${prefix}labelled tokens`,
      worst: Math.abs(batch.labelledCount - count[0]!),
      tolerance: 0,
    });
  return lines;
}

export function sumLabelled(nll: Float32Array, { labelledCount }: Batch): number {
  let sum = 0;
  for (let i = 0; i < labelledCount; i++) sum += nll[i]!;
  return sum;
}

/** Largest absolute difference; infinite for other lengths and for NaN. */
export function difference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!);
    if (!(d <= worst)) worst = Number.isNaN(d) ? Number.POSITIVE_INFINITY : d;
  }
  return worst;
}

export function l2(x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! ** 2;
  return Math.sqrt(sum);
}

/** 0, 1, … count - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
