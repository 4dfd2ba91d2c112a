/** What DoRA needs of whole matrices: row lengths before training, and the gains of a settled adapter. */
import type { DeviceTensor } from '../exec/executor.ts';
import { gainsGraph, type Matrices, rowSquaresGraph } from '../models/dora-graphs.ts';
import { gainName, type Method, onBase, peftName, rowSquaresName } from '../nn/parameters.ts';
import type { ReadyModel } from './ready-model.ts';
import { type Weights, withNamed } from './weights.ts';

/** An adapter that the engine can compute with. */
export interface LoadedAdapter {
  readonly method: Method;
  /** A and B, and what DoRA has besides, by the names of the graph's inputs. */
  readonly trained: Readonly<Record<string, DeviceTensor>>;
}

type Computing = Omit<ReadyModel, 'tokenizer'>;

/** The squared length of the row of each output, [out], by module. */
export type RowSquares = ReadonlyMap<string, Float32Array>;

/** The squared lengths of the rows of the linear `modules`, as `ready` keeps their matrices. */
export async function rowSquaresOf(ready: Computing, modules: Iterable<string>): Promise<RowSquares> {
  const names = [...modules];
  if (names.length === 0) return new Map();
  return await computed(rowSquaresGraph(matricesOf(ready, { kind: 'frozen' }), names), ready, {});
}

/** `weights` with the squared lengths of rows for those that ask for them. */
export function withRowSquares(weights: Weights, squares: RowSquares): Weights {
  const named = new Map([...squares].map(([module, data]) => [rowSquaresName(module), data]));
  return withNamed(weights, named);
}

/** The modules of `opened` that have an adapter with trained magnitudes. */
export function doraModules(method: Method, { opened }: Pick<Computing, 'opened'>): string[] {
  if (method.kind !== 'lora') return [];
  return [...opened.outline.linears.keys()].filter((module) => method.adapterOf(module)?.dora === 'trained');
}

/**
 * `adapter` after training and between steps: with DoRA's gains in place of magnitudes, so that no token
 * measures the rows again.
 */
export async function settled(adapter: LoadedAdapter, ready: Computing): Promise<LoadedAdapter> {
  const { method, trained } = adapter;
  const modules = doraModules(method, ready);
  if (method.kind !== 'lora' || modules.length === 0) return adapter;
  const gains = await gainsOf(adapter, ready);
  const magnitudes = new Set(modules.map((module) => peftName(module, 'magnitude')));
  const kept = Object.entries(trained).filter(([name]) => !magnitudes.has(name));
  const made = [...gains].map(
    ([module, data]) => [gainName(module), ready.executor.tensor('f32', [data.length], data)] as const,
  );
  const adapterOf = (module: string) => {
    const shape = method.adapterOf(module);
    return shape?.dora === 'trained' ? { ...shape, dora: 'settled' as const } : shape;
  };
  return { method: { ...method, adapterOf }, trained: Object.fromEntries([...kept, ...made]) };
}

/**
 * What DoRA multiplies each output by, [out], by module: its magnitude over the length of the row of W + s B
 * A.
 */
export async function gainsOf(
  { method, trained }: LoadedAdapter,
  ready: Computing,
): Promise<ReadonlyMap<string, Float32Array>> {
  const modules = doraModules(method, ready);
  if (modules.length === 0) return new Map();
  return await computed(gainsGraph(matricesOf(ready, method), modules), ready, trained);
}

function matricesOf({ opened, weights }: Computing, method: Method): Matrices {
  const { model, outline, halves } = opened;
  return { model, outline, method: onBase(method, weights.format, halves) };
}

/** The outputs of `graph`, each a vector, by module; `trained` feeds those of its inputs that it has. */
async function computed(
  graph: ReturnType<typeof gainsGraph>,
  { executor, weights }: Computing,
  trained: LoadedAdapter['trained'],
): Promise<ReadonlyMap<string, Float32Array>> {
  const program = await executor.compile(graph, { weights: weights.source });
  try {
    const feeds = Object.entries(trained).filter(([name]) => graph.inputs.has(name));
    const { outputs } = await program.run(Object.fromEntries(feeds));
    return new Map([...graph.outputs.keys()].map((module) => [module, outputs[module] as Float32Array]));
  } finally {
    await program.release();
  }
}
