/** The loss of one score for two texts: binary cross-entropy, with a head that is trained beside the encoder. */
import { backward } from '../autodiff/backward.ts';
import { Graph } from '../ir/graph.ts';
import type { Encoder } from '../models/encoder.ts';
import type { PairHead } from '../models/pair-heads.ts';
import { type Method, Parameters } from '../nn/parameters.ts';
import { add, exp, log, maximum, mul, neg, sigmoid, sub } from '../ops/functions.ts';
import { type TextShape, textVectors, type VectorLoss } from './encoder-steps.ts';

/** Inputs `wanted` [texts], from 0 to 1, and `weights` [texts], 0 for room that is left. */
export function scoreLoss(head: PairHead): VectorLoss {
  return (graph, p, first) => {
    const [texts] = first.shape as [number];
    const input = (name: string) => graph.input(name, 'f32', [texts]);
    const [wanted, weights] = [input('wanted'), input('weights')];
    const below = new Set(p.trainables.keys());
    const scores = head.scores(p, first);
    return graph.scoped('loss', () => {
      const zero = mul(scores, 0);
      const far = maximum(scores, neg(scores));
      // log(1 + exp(z)), which no large score makes infinite
      const softplus = add(maximum(scores, zero), log(add(exp(neg(far)), 1)));
      const losses = mul(sub(softplus, mul(scores, wanted)), weights);
      const grad = mul(sub(sigmoid(scores), wanted), weights);
      const own = [...p.trainables.values()].filter(({ name }) => !below.has(name));
      const [gradVectors, ...grads] = backward(
        [{ value: scores, grad }],
        [first, ...own.map(({ value }) => value)],
      );
      return {
        losses,
        gradVectors: gradVectors!,
        own: own.map(({ value }, i) => ({ value, grad: grads[i]! })),
      };
    });
  };
}

/** (texts) -> scores [texts]. */
export function scoreStep(encoder: Encoder, head: PairHead, shape: TextShape, method: Method): Graph {
  const graph = new Graph();
  const p = new Parameters(graph, method);
  graph.output('scores', head.scores(p, textVectors(graph, p, { encoder, isUnit: false }, shape)));
  return graph;
}
