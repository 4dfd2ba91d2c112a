/** The graphs that look at a model's matrices for DoRA, besides those of its steps (nn/linear-and-norm.ts). Each output is named after its module. */
import { internal } from '../../../common/errors.ts';
import { Graph, type Value } from '../ir/graph.ts';
import { doraGain, type Layout, rowSquares } from '../nn/linear-and-norm.ts';
import { type Method, Parameters } from '../nn/parameters.ts';
import type { Model, ModelOutline } from './model.ts';

export interface Matrices {
  readonly model: Model;
  readonly outline: ModelOutline;
  /** How they are kept, and what is beside them. */
  readonly method: Method;
}

/** () -> the squared lengths of the rows, [out], of the linear `modules`. */
export function rowSquaresGraph(matrices: Matrices, modules: readonly string[]): Graph {
  const { graph, matrixOf, layout } = open(matrices);
  for (const module of modules) graph.output(module, rowSquares(matrixOf(module), layout));
  return graph;
}

/** (A, B and magnitudes of the method) -> the gains, [out], of the linear `modules`. */
export function gainsGraph(matrices: Matrices, modules: readonly string[]): Graph {
  const { graph, p, matrixOf, layout } = open(matrices);
  for (const module of modules) {
    const matrix = matrixOf(module);
    const { inputs, outputs } = matrices.outline.linears.get(module)!;
    const adapter = p.adapter(module, inputs, outputs);
    if (adapter?.dora?.kind !== 'trained') throw internal(`${module} has no magnitudes`);
    const dora = { ...adapter.dora, rowSquares: rowSquares(matrix, layout) };
    graph.output(module, doraGain(matrix, { ...adapter, dora }, layout));
  }
  return graph;
}

function open({ model, outline, method }: Matrices) {
  const graph = new Graph();
  const p = new Parameters(graph, method);
  const layout: Layout = model.transposedLinears ? 'in_out' : 'out_in';
  const matrixOf = (module: string): Value => {
    const { inputs, outputs } = outline.linears.get(module)!;
    return p.matrix(`${module}.weight`, layout === 'in_out' ? [inputs, outputs] : [outputs, inputs]);
  };
  return { graph, p, matrixOf, layout };
}
