/** Activations by the names of Transformers' ACT2FN; the values are what torch gives in float64. */
import { expect, it } from 'vitest';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { ACTIVATIONS, activationOf, reshape } from '../../../../main/engine/ops/functions.ts';
import { compute } from '../../../helpers/graphs.ts';

const AT = [-3, -1, -0.25, 0, 0.5, 2];
const TANH_FORM = [-0.003637392, -0.158808009, -0.100324649, 0, 0.34571401, 1.954597694];
const ERF_FORM = [-0.004049694, -0.158655254, -0.100323419, 0, 0.345731231, 1.954499736];
const SILU = [-0.14227762, -0.268941421, -0.109455875, 0, 0.311229666, 1.761594156];

const VALUES: Readonly<Record<string, readonly number[]>> = {
  silu: SILU,
  swish: SILU,
  gelu: ERF_FORM,
  gelu_python: ERF_FORM,
  gelu_new: TANH_FORM,
  gelu_fast: TANH_FORM,
  gelu_accurate: TANH_FORM,
  gelu_python_tanh: TANH_FORM,
  gelu_pytorch_tanh: TANH_FORM,
  quick_gelu: [-0.01807131, -0.154204234, -0.09880035, 0, 0.350388437, 1.935658623],
  relu: [0, 0, 0, 0, 0.5, 2],
  relu2: [0, 0, 0, 0, 0.25, 4],
  linear: AT,
  sigmoid: [0.047425873, 0.268941421, 0.437823499, 0.5, 0.622459331, 0.880797078],
  tanh: [-0.995054754, -0.761594156, -0.244918662, 0, 0.462117157, 0.96402758],
};

it('knows the values of every activation', () =>
  expect(Object.keys(VALUES).sort()).toEqual(Object.keys(ACTIVATIONS).sort()));

it.each(Object.entries(VALUES))('%s equals torch', (name, values) => {
  const graph = new Graph();
  const x = graph.input('x', 'f32', [AT.length]);
  graph.output('y', reshape(activationOf(name)(x), [AT.length]));
  compute(graph, { x: AT }, true).y!.forEach((y, i) => {
    expect(y).toBeCloseTo(values[i]!, 6);
  });
});
