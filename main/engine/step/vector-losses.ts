/**
 * Losses that compare the vectors of a step's texts: the passage that belongs to a query among all passages of the step, and pairs whose
 * order of similarity is known. They need every vector of the step at once; `lossOnVectors` and `givenGradients` compute them where the
 * texts come in several micro-batches, with the same gradients (GradCache, Gao et al. 2021).
 */
import { backward, type Seed } from '../autodiff/backward.ts';
import { Graph, type Value } from '../ir/graph.ts';
import { Parameters } from '../nn/parameters.ts';
import { unitRows } from '../nn/pooling.ts';
import {
  add,
  broadcastTo,
  concat,
  gather,
  log,
  matmul,
  mul,
  reduceMax,
  reduceSum,
  reshape,
  scalar,
  slice,
  softmax,
  sub,
} from '../ops/functions.ts';
import type { VectorLoss } from './encoder-steps.ts';

/** What is added to scores that don't count, as sentence-transformers does. */
export const NEVER = -1e12;

export interface VectorLossSettings {
  /** What cosines are multiplied with. */
  readonly scale: number;
  /** The loss is the sum over vectors cut to so many numbers (Matryoshka); all numbers where it is empty. */
  readonly sizes: readonly number[];
}

/**
 * Cross-entropy of each query's passage among the candidates of the step (multiple negatives ranking). Inputs: `queries` [Q] and
 * `candidates` [C], places of vectors; `closed` [Q,C], added to scores: 0 or NEVER; `wanted` [Q,C], 1 for the passage; `weights` [Q],
 * 0 for room that is left.
 */
export function rankingLoss(queries: number, candidates: number, settings: VectorLossSettings): VectorLoss {
  return (graph, _, vectors) => {
    const input = (name: string) => graph.input(name, 'f32', [queries, candidates]);
    const at = graph.input('queries', 'i32', [queries]);
    const among = graph.input('candidates', 'i32', [candidates]);
    const [closed, wanted] = [input('closed'), input('wanted')];
    const weights = graph.input('weights', 'f32', [queries]);
    return ofSizes(vectors, settings, (units) => {
      const cosines = matmul(gather(units, at), gather(units, among), { transB: true });
      const scores = add(mul(cosines, settings.scale), closed);
      const { logSumExp, shares } = softmaxed(scores);
      const nll = sub(logSumExp, reduceSum(mul(scores, wanted), [1]));
      const each = reshape(weights, [queries, 1]);
      return {
        losses: mul(nll, weights),
        seed: { value: scores, grad: mul(sub(shares, wanted), each) },
      };
    });
  };
}

/**
 * How far pairs stand in another order of similarity than they should (CoSENT): log(1 + sum exp(s_i - s_j)) over all i that should be less
 * similar than j. Inputs: `firsts` and `seconds` [P], places of vectors; `order` [P,P], 0 where i should be below j, else NEVER.
 */
export function orderLoss(pairs: number, settings: VectorLossSettings): VectorLoss {
  return (graph, _, vectors) => {
    const places = (name: string) => graph.input(name, 'i32', [pairs]);
    const [firsts, seconds] = [places('firsts'), places('seconds')];
    const order = graph.input('order', 'f32', [pairs, pairs]);
    const zero = broadcastTo(scalar(graph, 0), [1, 1]);
    return ofSizes(vectors, settings, (units) => {
      const cosines = reduceSum(mul(gather(units, firsts), gather(units, seconds)), [1]);
      const scores = mul(cosines, settings.scale);
      const above = sub(reshape(scores, [pairs, 1]), reshape(scores, [1, pairs]));
      const all = concat([zero, reshape(add(above, order), [1, pairs * pairs])], 1);
      const { logSumExp, shares } = softmaxed(all);
      return { losses: logSumExp, seed: { value: all, grad: shares } };
    });
  };
}

/** log sum exp of each row [N], and the softmax [N,C], which is its gradient. */
function softmaxed(scores: Value): { readonly logSumExp: Value; readonly shares: Value } {
  const shares = softmax(scores);
  // the largest share is 1 / sum(exp(z - max))
  return { logSumExp: sub(reduceMax(scores, [1]), log(reduceMax(shares, [1]))), shares };
}

type OfSize = (units: Value) => { readonly losses: Value; readonly seed: Seed };

/** The sum of a loss over vectors of each size, made of vectors of length one, and its gradient by all of `vectors`. */
function ofSizes(vectors: Value, { sizes }: VectorLossSettings, of: OfSize): ReturnType<VectorLoss> {
  const { graph, shape } = vectors;
  const width = shape[1]!;
  return graph.scoped('loss', () => {
    const parts = (sizes.length > 0 ? sizes : [width]).map((size) =>
      of(unitRows(size === width ? vectors : slice(vectors, 1, 0, size))),
    );
    const [gradVectors] = backward(
      parts.map(({ seed }) => seed),
      [vectors],
    );
    return {
      losses: parts.map(({ losses }) => losses).reduce((a, b) => add(a, b)),
      gradVectors: gradVectors!,
      own: [],
    };
  });
}

/** (vectors [N,H] of a whole step) -> losses, and the gradient of their sum by the vectors. */
export function lossOnVectors(lossOf: VectorLoss, texts: number, width: number): Graph {
  const graph = new Graph();
  const vectors = graph.input('vectors', 'f32', [texts, width]);
  const { losses, gradVectors } = lossOf(graph, new Parameters(graph, { kind: 'frozen' }), vectors);
  graph.output('losses', losses);
  graph.output('gradVectors', gradVectors);
  return graph;
}

/** A loss of which only its gradient by the vectors is known: input `gradVectors` [texts, H]. */
export const givenGradients: VectorLoss = (graph, _, vectors) => {
  const gradVectors = graph.input('gradVectors', 'f32', vectors.shape);
  return { losses: reduceSum(mul(vectors, gradVectors), [1]), gradVectors, own: [] };
};
