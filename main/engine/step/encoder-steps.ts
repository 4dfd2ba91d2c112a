/**
 * The graphs in which an encoder is trained: hidden states, a vector for each text, a head on the vectors, its loss and all gradients. Of
 * frozen lower layers the step may be cut off and fed what they put out.
 */
import { internal } from '../../../common/errors.ts';
import { backward } from '../autodiff/backward.ts';
import { Graph, type Value } from '../ir/graph.ts';
import { type Encoder, encoderInputs } from '../models/encoder.ts';
import { headLoss } from '../nn/loss.ts';
import { type Method, Parameters } from '../nn/parameters.ts';
import { pooled, throughDense, unitRows } from '../nn/pooling.ts';
import { add, broadcastTo, concat, matmul, mul, scalar } from '../ops/functions.ts';
import type { KeptType } from '../tasks/feeds.ts';
import { frozenPart, withoutFrozen } from './frozen-layers.ts';
import { type StepGraph, writeGradient } from './step-graphs.ts';

/** A micro-batch: rows of so many tokens, and texts that share them at most. */
export interface TextShape {
  readonly rows: number;
  readonly rowLength: number;
  readonly texts: number;
}

/** What becomes of an encoder's hidden states. */
export interface Vectors {
  readonly encoder: Encoder;
  /** Whether vectors have the length one. */
  readonly isUnit: boolean;
}

/** The name of the head that decides between the labels of a part: [labels, H + 1], the last column is the intercept. */
export const headName = (part: number): string => `head-${part}.weight`;

/** The vectors [texts, H] as the output of a graph, and as what losses are made of. */
export function textVectors(
  graph: Graph,
  p: Parameters,
  { encoder, isUnit }: Vectors,
  shape: TextShape,
): Value {
  const hidden = encoder.hidden(p, encoderInputs(graph, encoder, shape.rows, shape.rowLength));
  const weights = graph.input('pool', 'f32', [shape.texts, shape.rows * shape.rowLength]);
  const vectors = throughDense(p, encoder.dense ?? [], pooled(hidden, weights));
  return isUnit ? unitRows(vectors) : vectors;
}

/** (texts, trainables) -> vectors [texts, H]. */
export function vectorStep(of: Vectors, method: Method, shape: TextShape): StepGraph {
  const graph = new Graph();
  const p = new Parameters(graph, method);
  graph.output('vectors', textVectors(graph, p, of, shape));
  return { graph, trainables: [...p.trainables.values()] };
}

/** A loss on vectors: what is put out for each text, and gradients of its sum. */
export type VectorLoss = (
  graph: Graph,
  p: Parameters,
  vectors: Value,
) => {
  readonly losses: Value;
  readonly gradVectors: Value;
  /** Of parameters that are the loss's own. */
  readonly own: readonly { readonly value: Value; readonly grad: Value }[];
};

/**
 * Cross-entropy of a head for each part, of so many labels, summed over the parts. Inputs [texts] of each: `targets-0`, … and `weights-0`, …,
 * 0 for a text without that answer and for room that is left.
 */
export function sortingLoss(labels: readonly number[]): VectorLoss {
  return (graph, p, vectors) => {
    const [texts, width] = vectors.shape as [number, number];
    const features = withOnes(vectors);
    const parts = labels.map((count, part) => {
      const head = p.ownHead(headName(part), [count, width + 1]);
      const targets = graph.input(`targets-${part}`, 'i32', [texts]);
      const weights = graph.input(`weights-${part}`, 'f32', [texts]);
      return graph.scoped('loss', () => {
        const wanted = { hidden: true, head: true };
        const { nll, gradHidden, gradHead } = headLoss({ hidden: features, head, targets, weights }, wanted);
        return { head, losses: mul(nll, weights), gradFeatures: gradHidden!, gradHead: gradHead! };
      });
    });
    const sum = (values: readonly Value[]) => graph.scoped('loss', () => values.reduce((a, b) => add(a, b)));
    const [gradVectors] = backward(
      [{ value: features, grad: sum(parts.map(({ gradFeatures }) => gradFeatures)) }],
      [vectors],
    );
    return {
      losses: sum(parts.map(({ losses }) => losses)),
      gradVectors: gradVectors!,
      own: parts.map(({ head, gradHead }) => ({ value: head, grad: gradHead })),
    };
  };
}

/** Logits [texts, labels] of a head on vectors. */
export function headLogits(vectors: Value, head: Value): Value {
  return matmul(withOnes(vectors), head, { transB: true });
}

function withOnes(vectors: Value): Value {
  const { graph, shape } = vectors;
  return concat([vectors, broadcastTo(scalar(graph, 1), [shape[0]!, 1])], 1);
}

/** (texts, trainables, accumulators) -> loss of each text, accumulators + gradient of the summed loss. `kept`: frozen layers are cut off. */
export function encoderStep(
  of: Vectors,
  method: Method,
  shape: TextShape,
  lossOf: VectorLoss,
  kept?: KeptType,
): StepGraph {
  const graph = new Graph();
  const p = new Parameters(graph, method);
  const vectors = textVectors(graph, p, of, shape);
  const { losses, gradVectors, own } = lossOf(graph, p, vectors);
  graph.output('losses', losses);
  const trained = [...p.trainables.values()];
  const below = trained.filter(({ value }) => !own.some((one) => one.value === value));
  const grads = backward(
    [{ value: vectors, grad: gradVectors }],
    below.map(({ value }) => value),
  );
  // the last layers' gradients come first: what they need is freed while the pass goes on downwards
  for (const trainable of trained.toReversed()) {
    const at = below.indexOf(trainable);
    const grad = at >= 0 ? grads[at] : own.find(({ value }) => value === trainable.value)?.grad;
    writeGradient(graph, trainable, grad, true);
  }
  if (kept === undefined) return { graph, trainables: trained };
  const names = below.map(({ name }) => name);
  if (names.length === 0) throw internal('no layer is trained, and frozen ones are kept');
  const cut = withoutFrozen(graph, names, kept);
  return {
    graph: cut,
    trainables: trained.map((one) => ({ ...one, value: cut.inputs.get(one.name)! })),
  };
}

/** (texts) -> kept [rows * rowLength, H]: what the frozen layers below those that `method` trains put out. */
export function frozenEncoderStep(of: Vectors, method: Method, shape: TextShape): Graph {
  const { graph, trainables } = vectorStep(of, method, shape);
  return frozenPart(
    graph,
    trainables.map(({ name }) => name),
  );
}
