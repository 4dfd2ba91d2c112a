/** What tasks and step graphs share: the shape of a micro-batch, what it feeds, and what a loss is. */
import type { Batch } from '../data/batches/batch.ts';
import type { HostArray } from '../ir/dtype.ts';
import type { Value } from '../ir/graph.ts';
import type { Model } from '../models/model.ts';
import type { HeadLoss, HeadLossInputs, headLoss } from '../nn/loss.ts';
import { rotationFeeds } from '../nn/rope.ts';

/** What a sample is: a row, a pair of sequences that stay in one micro-batch, or a text with a category behind it. */
export type Samples = 'rows' | 'pairs' | 'sorted';

/** In what the output of frozen layers is kept. */
export type KeptType = 'f16' | 'f32';

/** Shape of a micro-batch: rows, tokens a row, and how many labelled positions go through the head. */
export interface BatchShape {
  readonly batch: number;
  readonly time: number;
  readonly labels: number;
  /** Pairs of answers, where samples are such. */
  readonly pairs?: number;
  /** Tokens that all samples of a row begin with and that lie in it once, where there are such. */
  readonly shared?: number;
  /** In what the output of frozen layers is fed, where it is kept (step/kept-activations.ts). */
  readonly kept?: KeptType;
}

/** Whether micro-batches of both shapes go through the same graphs. */
export function sameShape(a: BatchShape, b: BatchShape): boolean {
  return (['batch', 'time', 'labels', 'pairs', 'shared', 'kept'] as const).every(
    (part) => a[part] === b[part],
  );
}

/** The loss of each labelled position, and its gradients by the hidden states and by the head. */
export type Loss = (
  inputs: HeadLossInputs & { readonly weights: Value },
  wanted: Parameters<typeof headLoss>[1],
  shape: BatchShape,
) => HeadLoss;

/** What a batch feeds to a step graph; inputs that a graph does not have are ignored by the caller. */
export function batchFeeds(model: Model, batch: Batch): Record<string, HostArray> {
  const { tokens, positions, segments, rows, targets, weights, until, kept } = batch;
  const rotations = rotationFeeds(model.ropes, positions);
  return {
    tokens,
    positions,
    segments,
    rows,
    targets,
    weights,
    ...(until && { until }),
    ...(kept && { kept }),
    ...rotations,
  };
}

/** `sum` and the losses of `count` labelled positions, in order: it decides the last bit. */
export function addLosses(sum: number, losses: HostArray, count: number): number {
  let total = sum;
  for (let i = 0; i < count; i++) total += losses[i]!;
  return total;
}
