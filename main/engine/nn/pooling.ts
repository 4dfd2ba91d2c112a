/** From the hidden states of an encoder to one vector for each text. */
import type { Value } from '../ir/graph.ts';
import { add, div, matmul, mul, reduceSum, sqrt, tanh } from '../ops/functions.ts';
import { linear } from './linear-and-norm.ts';
import type { Parameters } from './parameters.ts';

/**
 * The vectors [N,H] of N texts: each a weighted sum of hidden states [B*T,H], its weights [N,B*T] made on the host. So a batch may hold
 * several texts in a row, and the mean, the first and the last token are the same graph.
 */
export function pooled(hidden: Value, weights: Value): Value {
  return matmul(weights, hidden);
}

/** A layer that pooled vectors go through. */
export interface Dense {
  /** Its folder beside the weights, with which the names of its parameters begin. */
  readonly path: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
  readonly activation: DenseActivation;
}

/** By PyTorch's classes. */
export const DENSE_ACTIVATIONS = {
  Identity: (x: Value) => x,
  Tanh: tanh,
} as const;
export type DenseActivation = keyof typeof DENSE_ACTIVATIONS;

/** Vectors [N,H] behind `layers`. */
export function throughDense(p: Parameters, layers: readonly Dense[], vectors: Value): Value {
  return layers.reduce(
    (x, { path, activation, ...shape }) =>
      DENSE_ACTIVATIONS[activation](linear(p, x, `${path}.linear`, shape)),
    vectors,
  );
}

/** Below the least length of a vector that differs from 0, and large enough for float32. */
const LEAST_SQUARE = 1e-24;

/** Each row of `x` [N,H] with the length one; rows of zeros stay. */
export function unitRows(x: Value): Value {
  return div(x, sqrt(add(reduceSum(mul(x, x), [1], true), LEAST_SQUARE)));
}

/** How a text's vector is made of its tokens, by sentence-transformers' names. */
export type Pooling = 'mean' | 'cls' | 'lasttoken' | 'mean_sqrt_len_tokens' | 'weightedmean';

/** The weights of the `count` tokens of a text. */
export const POOLING: Readonly<Record<Pooling, (count: number) => (token: number) => number>> = {
  mean: (count) => () => 1 / count,
  cls: () => (token) => (token === 0 ? 1 : 0),
  lasttoken: (count) => (token) => (token === count - 1 ? 1 : 0),
  mean_sqrt_len_tokens: (count) => () => 1 / Math.sqrt(count),
  weightedmean: (count) => (token) => (token + 1) / ((count * (count + 1)) / 2),
};
