/** What DoRA needs of whole matrices: the lengths of their rows before training, and the gain of each output once an adapter is settled. */
import { internal } from '../../errors.ts';
import { Graph, type Value } from '../ir/graph.ts';
import { doraGain, type Layout, rowSquares } from '../nn/dora.ts';
import { gainName, type Method, onBase, Parameters, peftName, rowSquaresName } from '../nn/parameters.ts';
import type { LoadedAdapter } from './adapter.ts';
import type { ReadyModel } from './ready-model.ts';
import type { Weights } from './weights.ts';

type Computing = Omit<ReadyModel, 'tokenizer'>;

/** The squared length of the row of each output, [out], by module. */
export type RowSquares = ReadonlyMap<string, Float32Array>;

/** The squared lengths of the rows of the linear `modules`, as `ready` keeps their matrices: of rounded ones where it rounds them. */
export async function rowSquaresOf(ready: Computing, modules: Iterable<string>): Promise<RowSquares> {
  const { graph, matrixOf, layout } = matricesOf(ready);
  const names = [...modules];
  if (names.length === 0) return new Map();
  for (const module of names) graph.output(module, rowSquares(matrixOf(module), layout));
  const outputs = await computed(graph, ready, {});
  return new Map(names.map((module) => [module, outputs[module] as Float32Array]));
}

/** `weights` with the squared lengths of rows for those that ask for them. */
export function withRowSquares(weights: Weights, squares: RowSquares): Weights {
  const named = new Map([...squares].map(([module, data]) => [rowSquaresName(module), data]));
  const source: Weights['source'] = (name) => {
    const data = named.get(name);
    return data ? { kind: 'memory', data } : weights.source(name);
  };
  return { ...weights, source };
}

/** The modules of `ready` that have an adapter with trained magnitudes. */
export function doraModules(method: Method, { opened }: Pick<Computing, 'opened'>): string[] {
  if (method.kind !== 'lora') return [];
  return [...opened.outline.linears.keys()].filter((module) => method.adapterOf(module)?.dora === 'trained');
}

/**
 * `adapter` for what comes after its training, and between its steps: with the gains of its DoRA in place of the magnitudes, so that
 * no token has to measure the rows again. An adapter without DoRA comes back as it is.
 */
export async function settled(adapter: LoadedAdapter, ready: Computing): Promise<LoadedAdapter> {
  const { method, trained } = adapter;
  const modules = doraModules(method, ready);
  if (method.kind !== 'lora' || modules.length === 0) return adapter;
  const { graph, p, matrixOf, layout } = matricesOf(ready, method);
  for (const module of modules) {
    const matrix = matrixOf(module);
    const { inputs, outputs } = ready.opened.outline.linears.get(module)!;
    const found = p.adapter(module, inputs, outputs);
    if (found?.dora?.kind !== 'trained') throw internal(`${module} has no magnitudes`);
    const dora = { ...found.dora, rowSquares: rowSquares(matrix, layout) };
    graph.output(module, doraGain(matrix, { ...found, dora }, layout));
  }
  const gains = await computed(graph, ready, trained);
  const magnitudes = new Set(modules.map((module) => peftName(module, 'magnitude')));
  const kept = Object.entries(trained).filter(([name]) => !magnitudes.has(name));
  const made = modules.map((module) => {
    const data = gains[module] as Float32Array;
    return [gainName(module), ready.executor.tensor('f32', [data.length], data)] as const;
  });
  const adapterOf = (module: string) => {
    const shape = method.adapterOf(module);
    return shape?.dora === 'trained' ? { ...shape, dora: 'settled' as const } : shape;
  };
  return { method: { ...method, adapterOf }, trained: Object.fromEntries([...kept, ...made]) };
}

function matricesOf({ opened, weights }: Computing, method: Method = { kind: 'frozen' }) {
  const graph = new Graph();
  const p = new Parameters(graph, onBase(method, weights.bits, opened.halves));
  const layout: Layout = opened.model.transposedLinears ? 'in_out' : 'out_in';
  const matrixOf = (module: string): Value => {
    const { inputs, outputs } = opened.outline.linears.get(module)!;
    return p.matrix(`${module}.weight`, layout === 'in_out' ? [inputs, outputs] : [outputs, inputs]);
  };
  return { graph, p, matrixOf, layout };
}

async function computed(graph: Graph, { executor, weights }: Computing, trained: LoadedAdapter['trained']) {
  const program = await executor.compile(graph, { weights: weights.source });
  try {
    const feeds = Object.entries(trained).filter(([name]) => graph.inputs.has(name));
    return (await program.run(Object.fromEntries(feeds))).outputs;
  } finally {
    await program.release();
  }
}
