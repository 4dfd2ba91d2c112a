/** The graphs of training: gradient step (tokens in, summed loss and gradients out) and evaluation. */
import { internal } from '../../../common/errors.ts';
import { backward } from '../autodiff/backward.ts';
import { Graph, type Value } from '../ir/graph.ts';
import { type Model, type ModelInputs, modelInputs } from '../models/model.ts';
import {
  type Attend,
  attendInTurn,
  attendWithin,
  attentionMask,
  isLong,
  oncePerWindow,
  type Places,
  placesIn,
} from '../nn/attention.ts';
import { recurWithin } from '../nn/gated-delta.ts';
import { type HeadLoss, headLoss } from '../nn/loss.ts';
import { convolveWithin } from '../nn/mixing.ts';
import {
  type Method,
  Parameters as ModelParameters,
  type Trainable,
  withoutDropout,
} from '../nn/parameters.ts';
import type { Table } from '../nn/table.ts';
import { add, gather, mul } from '../ops/functions.ts';
import { inHalfPrecision } from '../passes/half-precision.ts';
import { withTrainedCodes } from '../passes/int8-products.ts';
import { type Recompute, recomputeBlocks } from '../passes/recompute.ts';
import type { BatchShape, KeptType, Loss } from '../tasks/feeds.ts';
import { frozenPart, withoutFrozen } from './frozen-layers.ts';

export interface StepGraph {
  readonly graph: Graph;
  /** Trained parameters, each with an input of its name. */
  readonly trainables: readonly Trainable[];
}

/** Numbers that a gradient step in mixed precision is fed: the factor of the loss, and its inverse. */
export const SCALE_INPUTS = { scale: 'lossScale', unscale: 'lossUnscale' } as const;

/**
 * (batch, trainables, accumulators) -> (nll [labels], accumulators + gradient of the summed loss), each
 * accumulator named `grad.<name>`. Without `accumulates` the outputs are the gradient of this batch.
 */
export function gradientStep(
  model: Model,
  method: Method,
  shape: BatchShape,
  recompute: Recompute = 'none',
  accumulates = true,
  lossOf: Loss = headLoss,
): StepGraph {
  const { graph, p, hidden, inputs } = forward(model, method, shape, recompute !== 'none');
  const head = model.head(p);
  const trained = [...p.trainables.values()];
  const isTrained = (table: Value | undefined) => trained.some(({ value }) => value === table);
  const rows = gather(hidden, inputs.rows);
  const wanted = { hidden: true, head: isTrained(head.rows), added: isTrained(head.added?.rows) };
  const loss = writeLoss(graph, () => lossOf(lossInputs(rows, head, inputs), wanted, shape));
  const isHalf = isInHalf(method);
  const number = (name: string) => graph.input(name, 'f32', []);
  const [scale, unscale] = isHalf ? [number(SCALE_INPUTS.scale), number(SCALE_INPUTS.unscale)] : [null, null];
  const scaled = (grad: Value) => (scale ? graph.scoped('loss', () => mul(grad, scale)) : grad);
  const seeds = [
    { value: rows, grad: scaled(loss.gradHidden!) },
    ...(loss.gradHead ? [{ value: head.rows, grad: scaled(loss.gradHead) }] : []),
    ...(loss.gradAdded ? [{ value: head.added!.rows, grad: scaled(loss.gradAdded) }] : []),
  ];
  const grads = backward(
    seeds,
    trained.map(({ value }) => value),
  );
  // the last layers' gradients come first: what they need can then be freed while the pass goes on downwards
  const order = trained.map((trainable, i) => ({ trainable, grad: grads[i] ?? null })).reverse();
  for (const { trainable, grad } of order) {
    const whole = grad && unscale ? graph.scoped('accumulate', () => mul(grad, unscale)) : grad;
    writeGradient(graph, trainable, whole, accumulates);
  }
  const repeated = fed(recomputeBlocks(graph, recompute), trained, shape.kept);
  const written = isHalf ? inHalfPrecision(repeated) : multiplied(repeated, method);
  return {
    graph: written,
    trainables: trained.map((trainable) => ({ ...trainable, value: written.inputs.get(trainable.name)! })),
  };
}

/** (batch, trainables) -> nll [labels]: the loss of each labelled position, without gradients. */
export function evaluationStep(
  model: Model,
  method: Method,
  shape: BatchShape,
  lossOf: Loss = headLoss,
): StepGraph {
  const { graph, p, hidden, inputs } = forward(model, withoutDropout(method), shape);
  const rows = gather(hidden, inputs.rows);
  const head = model.head(p);
  writeLoss(graph, () => lossOf(lossInputs(rows, head, inputs), { hidden: false, head: false }, shape));
  const trainables = [...p.trainables.values()];
  const needed = fed(graph, trainables, shape.kept);
  return { graph: isInHalf(method) ? inHalfPrecision(needed) : needed, trainables };
}

/** (batch) -> kept [B*T,H]: what the frozen layers below those that `method` trains put out. */
export function frozenStep(model: Model, method: Method, shape: BatchShape): Graph {
  const { graph, p } = forward(model, withoutDropout(method), shape);
  const frozen = frozenPart(graph, p.trainables.keys());
  return isInHalf(method) ? inHalfPrecision(frozen) : frozen;
}

/** `graph` as it is where frozen layers compute, or fed what they put out. */
function fed(graph: Graph, trained: readonly Trainable[], kept: KeptType | undefined): Graph {
  if (kept === undefined) return graph;
  return withoutFrozen(
    graph,
    trained.map(({ name }) => name),
    kept,
  );
}

function lossInputs(
  hidden: Value,
  { rows, added, cap }: Table,
  { targets, weights }: Pick<Forward['inputs'], 'targets' | 'weights'>,
) {
  return { hidden, head: rows, added, cap, targets, weights };
}

/** The loss that `of` makes, as the output `nll` for each labelled position, and what it tells beside that. */
export function writeLoss(graph: Graph, of: () => HeadLoss): HeadLoss {
  const loss = graph.scoped('loss', of);
  graph.output('nll', loss.nll);
  for (const [name, value] of Object.entries(loss.also ?? {})) graph.output(name, value);
  return loss;
}

/** `grad` as the output `grad.<name>`, added to an input of that name where it `accumulates`. */
export function writeGradient(
  graph: Graph,
  { name, shape }: Pick<Trainable, 'name' | 'shape'>,
  grad: Value | null | undefined,
  accumulates: boolean,
): void {
  if (!grad) throw internal(`no gradient reaches ${name}`);
  const sum = () => add(graph.input(`grad.${name}`, 'f32', shape), grad);
  graph.output(`grad.${name}`, accumulates ? graph.scoped('accumulate', sum) : grad);
}

/** Whether the layers' trained matrices are multiplied by as codes of 8 bits; evaluation multiplies by the matrices themselves. */
export const trainedInInt8 = (method: Method): boolean =>
  method.kind === 'full' && method.precision === 'int8';

/** `graph`, a step or a part of it, with the products of layers as `method` wants them. */
export const multiplied = (graph: Graph, method: Method): Graph =>
  trainedInInt8(method) ? withTrainedCodes(graph) : graph;

const isInHalf = (method: Method): boolean => method.kind !== 'frozen' && method.precision === 'f16';

interface Forward {
  readonly graph: Graph;
  readonly p: ModelParameters;
  readonly hidden: Value;
  readonly inputs: ModelInputs & { readonly rows: Value; readonly targets: Value; readonly weights: Value };
}

/** The forward pass up to the last norm. `lean`: attention keeps nothing of the size tokens x tokens. */
export function forward(
  model: Model,
  method: Method,
  { batch, time, labels, pairs, shared }: BatchShape,
  lean = false,
): Forward {
  const graph = new Graph();
  const p = new ModelParameters(graph, method);
  const inputs = {
    ...modelInputs(graph, model, batch, time),
    rows: graph.input('rows', 'i32', [labels]),
    targets: graph.input('targets', 'i32', [labels]),
    weights: graph.input('weights', 'f32', [labels]),
  };
  const ints = (name: string) => graph.input(name, 'i32', [batch, time]);
  const places = {
    positions: inputs.positions,
    segments: ints('segments'),
    ...((pairs !== undefined || shared !== undefined) && { until: ints('until') }),
  };
  const mixing = {
    attend: attending(graph, places, time, lean && isLong(time)),
    convolve: convolveWithin(places.segments),
    recur: recurWithin(places.segments),
  };
  return { graph, p, inputs, hidden: model.hidden(p, inputs, mixing) };
}

/** Attention among the tokens of a batch; masks are made once for all layers that see equally far. */
function attending(graph: Graph, places: Places, time: number, inTurn: boolean): Attend {
  const within = (window: number | null) => (window !== null && window < time ? window : null);
  if (inTurn) {
    const masksOf = new Map<string, Value>();
    return attendInTurn((window, { start, end, keys }) => {
      const key = `${within(window)} ${start}`;
      const mask =
        masksOf.get(key) ??
        graph.scoped('mask', () =>
          attentionMask(placesIn(places, start, end), placesIn(places, 0, keys), within(window)),
        );
      masksOf.set(key, mask);
      return mask;
    });
  }
  const maskFor = oncePerWindow((window) =>
    graph.scoped('mask', () => attentionMask(places, places, window)),
  );
  return attendWithin((window) => maskFor(within(window)));
}
