/** The update of flat parameter buffers, as two graphs that run over one chunk of them after the other. */
import { Graph, type Value } from '../ir/graph.ts';
import { add, div, mul, reduceSum, sqrt, sub } from '../ops/functions.ts';

/** Elements per chunk of the update: its temporaries stay within the processor's caches. */
export const UPDATE_CHUNK = 1 << 18;

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
