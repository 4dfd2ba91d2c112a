/**
 * The graphs of training: the gradient step (tokens in, summed loss and gradients out), the evaluation of held-out
 * rows, and the update of flat parameter buffers.
 */
import { internal } from '../../errors.ts';
import { backward } from '../autodiff/backward.ts';
import type { Batch } from '../data/batch.ts';
import type { HostArray } from '../ir/dtype.ts';
import { Graph, type Value } from '../ir/graph.ts';
import { type Model, type ModelInputs, modelInputs } from '../models/model.ts';
import { attendWithin } from '../nn/attention.ts';
import { headLoss } from '../nn/loss.ts';
import { attentionMask, oncePerWindow } from '../nn/mask.ts';
import { type Method, Parameters, type Trainable, withoutDropout } from '../nn/parameters.ts';
import { ropeRows } from '../nn/rope.ts';
import { add, div, gather, matmul, mul, reduceSum, sqrt, sub } from '../ops/functions.ts';

/** Shape of a micro-batch: rows, tokens a row, and how many labelled positions go through the head. */
export interface BatchShape {
  readonly batch: number;
  readonly time: number;
  readonly labels: number;
}

export interface StepGraph {
  readonly graph: Graph;
  /** Trained parameters, each with an input of its name. */
  readonly trainables: readonly Trainable[];
}

/**
 * (batch, trainables, accumulators) -> (nll [labels], accumulators + gradient of the summed loss); the accumulator of a
 * parameter is called `grad.<name>`, as input and as output.
 */
export function gradientStep(model: Model, method: Method, shape: BatchShape): StepGraph {
  const { graph, p, hidden, inputs } = forward(model, method, shape);
  const head = model.head(p);
  const trained = [...p.trainables.values()];
  const headTrained = trained.some(({ value }) => value === head);
  const rows = gather(hidden, inputs.rows);
  const loss = graph.scoped('loss', () =>
    headLoss(
      { hidden: rows, head, targets: inputs.targets, weights: inputs.weights },
      { hidden: true, head: headTrained },
    ),
  );
  graph.output('nll', loss.nll);
  const seeds = [
    { value: rows, grad: loss.gradHidden! },
    ...(loss.gradHead ? [{ value: head, grad: loss.gradHead }] : []),
  ];
  const grads = backward(
    seeds,
    trained.map(({ value }) => value),
  );
  // the last layers' gradients come first: what they need can then be freed while the pass goes on downwards
  const order = trained.map((trainable, i) => ({ trainable, grad: grads[i] ?? null })).reverse();
  for (const { trainable, grad } of order) {
    if (!grad) throw internal(`no gradient reaches ${trainable.name}`);
    const name = `grad.${trainable.name}`;
    graph.output(
      name,
      graph.scoped('accumulate', () => add(graph.input(name, 'f32', trainable.shape), grad)),
    );
  }
  return { graph, trainables: trained };
}

/** (batch, trainables) -> nll [labels]: the loss of each labelled position, without gradients. */
export function evaluationStep(model: Model, method: Method, shape: BatchShape): StepGraph {
  const { graph, p, hidden, inputs } = forward(model, withoutDropout(method), shape);
  const rows = gather(hidden, inputs.rows);
  const head = model.head(p);
  const loss = graph.scoped('loss', () =>
    headLoss(
      { hidden: rows, head, targets: inputs.targets, weights: inputs.weights },
      { hidden: false, head: false },
    ),
  );
  graph.output('nll', loss.nll);
  return { graph, trainables: [...p.trainables.values()] };
}

/** (batch, trainables) -> logits [labels, V] of the listed rows. */
export function logitsStep(model: Model, method: Method, shape: BatchShape): StepGraph {
  const { graph, p, hidden, inputs } = forward(model, withoutDropout(method), shape);
  graph.output('logits', matmul(gather(hidden, inputs.rows), model.head(p), { transB: true }));
  return { graph, trainables: [...p.trainables.values()] };
}

interface Forward {
  readonly graph: Graph;
  readonly p: Parameters;
  readonly hidden: Value;
  readonly inputs: ModelInputs & { readonly rows: Value; readonly targets: Value; readonly weights: Value };
}

function forward(model: Model, method: Method, { batch, time, labels }: BatchShape): Forward {
  const graph = new Graph();
  const p = new Parameters(graph, method);
  const inputs = {
    ...modelInputs(graph, model, batch, time),
    rows: graph.input('rows', 'i32', [labels]),
    targets: graph.input('targets', 'i32', [labels]),
    weights: graph.input('weights', 'f32', [labels]),
  };
  const places = { positions: inputs.positions, segments: graph.input('segments', 'i32', [batch, time]) };
  const maskFor = oncePerWindow((window) =>
    graph.scoped('mask', () => attentionMask(places, places, window)),
  );
  const attend = attendWithin((window) => maskFor(window !== null && window < time ? window : null));
  return { graph, p, inputs, hidden: model.hidden(p, inputs, attend) };
}

/** What a batch feeds to the graphs above; inputs that a graph does not have are ignored by the caller. */
export function batchFeeds(model: Model, batch: Batch): Record<string, HostArray> {
  const { tokens, positions, segments, rows, targets, weights } = batch;
  const rotation = model.rope ? ropeRows(model.rope, positions) : {};
  return { tokens, positions, segments, rows, targets, weights, ...rotation };
}

/** Sum of squares of a flat buffer of `size` elements: input `grad`, output `sum`. */
export function squaresGraph(size: number): Graph {
  const graph = new Graph();
  const grad = graph.input('grad', 'f32', [size]);
  graph.output('sum', reduceSum(mul(grad, grad), [0]));
  return graph;
}

/**
 * Clipped AdamW (Loshchilov & Hutter 2019) on flat buffers of `size` elements. Inputs: param, grad, m, v and the
 * scalars scale (clip factor over label count), rate, shrink (1 - rate*decay), beta1, beta2, rest1 (1 - beta1), rest2 (1 - beta2), unbias1 (1/(1-beta1^t)),
 * unbias2 (1/sqrt(1-beta2^t)), eps. Outputs param, m, v: m' = b1 m + (1-b1) g, v' = b2 v + (1-b2) g^2,
 * param' = shrink param - rate m' unbias1 / (sqrt(v') unbias2 + eps). With an anchor, `pull` times it is added: a decay towards
 * where the weights began and not towards 0 (L2-SP, Li et al. 2018, decoupled from the gradient like AdamW's decay).
 */
export function updateGraph(size: number, anchored = false): Graph {
  const graph = new Graph();
  const [param, grad, m, v] = ['param', 'grad', 'm', 'v'].map((name) => graph.input(name, 'f32', [size])) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const scalarInput = (name: string) => graph.input(name, 'f32', []);
  const g = mul(grad, scalarInput('scale'));
  const [beta1, beta2] = [scalarInput('beta1'), scalarInput('beta2')];
  const nextM = add(mul(m, beta1), mul(g, scalarInput('rest1')));
  const nextV = add(mul(v, beta2), mul(mul(g, g), scalarInput('rest2')));
  const denominator = add(mul(sqrt(nextV), scalarInput('unbias2')), scalarInput('eps'));
  const change = div(mul(nextM, mul(scalarInput('rate'), scalarInput('unbias1'))), denominator);
  const shrunk = mul(param, scalarInput('shrink'));
  const kept = anchored
    ? add(shrunk, mul(graph.input('anchor', 'f32', [size]), scalarInput('pull')))
    : shrunk;
  graph.output('param', sub(kept, change));
  graph.output('m', nextM);
  graph.output('v', nextV);
  return graph;
}
