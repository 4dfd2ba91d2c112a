/**
 * What the engine knows of a model once its configuration is read: sizes, and how to build its graph. Names of parameters are those of
 * Transformers' current classes; sources with other names are mapped when weights are found.
 */

import { internal } from '../../../common/errors.ts';
import { Graph, type Value } from '../ir/graph.ts';
import { type Shape, sizeOfAll } from '../ir/shape.ts';
import type { Rotation } from '../nn/decoder.ts';
import { doraGain, type Layout, rowSquares } from '../nn/linear-and-norm.ts';
import { FLAT_MIXING, type Mixing } from '../nn/mixing.ts';
import { type Method, type ParameterKind, Parameters, type Trainable } from '../nn/parameters.ts';
import { dependsOnLength, type Ropes, rotationInputs } from '../nn/rope.ts';
import type { NewTokens, Table } from '../nn/table.ts';
import type { JsonObject } from './config-reader.ts';
import type { GgufTransform } from './gguf-layout.ts';

/** Inputs of a model's graph: tokens and positions int32 [B,T], and the tables of its rotations by name. */
export interface ModelInputs {
  readonly tokens: Value;
  readonly positions: Value;
  readonly order: Value;
  readonly rotations: ReadonlyMap<string, Rotation>;
}

/** How files call what a model is made of. */
export interface StoredNames {
  /** Names under which a safetensors file may hold the parameter, most usual first. */
  storedNames(parameter: string): readonly string[];
  /** Tensors of a safetensors file that are no parameters (buffers of older versions). */
  isIgnored(stored: string): boolean;
}

export interface Model extends StoredNames {
  readonly family: string;
  readonly modelType: string;
  /** Rows of the embedding, with those of new tokens. */
  readonly vocabSize: number;
  /** The tokens that the model's files have no rows for; null for a model as it is. */
  readonly newTokens: NewTokens | null;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly maxPositions: number;
  readonly tiedHead: boolean;
  /** The rotations that its layers use, by name; none where positions are learned. */
  readonly ropes: Ropes;
  /** Linear weights are stored [in,out] (GPT-2), which adapters note as `fan_in_fan_out`. */
  readonly transposedLinears: boolean;
  /** Hidden states after the last norm, [B*T,H]. */
  hidden(p: Parameters, inputs: ModelInputs, mixing: Mixing): Value;
  /** The output head: [V,H], or [categories,H] of a model that sorts. */
  head(p: Parameters): Table;
  /** What it sorts into; null for a model that goes on with texts. */
  readonly categories: readonly string[] | null;
  /** The parameter that is the token embedding. */
  readonly embedding: string;
  /** The same model with `count` new tokens, whose ids begin at `first`. */
  withNewTokens(first: number, count: number): Model;
  /** A token sees those behind it, too, so that it makes vectors and writes nothing; windows are so many tokens to each side then. */
  readonly readsBothWays?: boolean;
  /** Whether tokens meet in attention alone, so that two answers may continue one prompt. */
  readonly attendsOnly: boolean;
  /** Whether a layer reads of others only what the one below it gives, so that a step can be cut between them. */
  readonly separateLayers: boolean;
  /** The same model with so many layers; null where its layers are not all alike. */
  withLayers(layers: number): Model | null;
  /** Name and layout of the parameter in a GGUF file. */
  ggufSource(parameter: string): GgufSource;
}

interface GgufSource {
  readonly name: string;
  readonly transform: GgufTransform;
  /** The tensors that its rows are divided among there, in their order and of the same size; missing: it is one. */
  readonly parts?: readonly string[];
}

export interface ModelOutline {
  readonly parameters: ReadonlyMap<string, { readonly shape: Shape; readonly kind: ParameterKind }>;
  /** Every linear layer but the output head, by module path. */
  readonly linears: ReadonlyMap<string, { readonly inputs: number; readonly outputs: number }>;
  /** The embedding and the output head, by parameter name. */
  readonly tables: ReadonlySet<string>;
  readonly parameterCount: number;
}

/** A model with the config.json that it was read from. */
export interface Described {
  readonly config: JsonObject;
  readonly model: Model;
  readonly outline: ModelOutline;
}

/** The parameters and linear layers of `model`. */
export function outline(model: Model): ModelOutline {
  const p = parametersOf(model, { kind: 'full' });
  const parameters = new Map<string, { shape: Shape; kind: ParameterKind }>(
    [...p.trainables.values()].map(({ name, shape, kind }) => [name, { shape, kind }]),
  );
  for (const [name, shape] of p.buffers) parameters.set(name, { shape, kind: 'buffer' });
  const { linears, tables } = p;
  return { parameters, linears, tables, parameterCount: sizeOfAll(parameters.values()) };
}

/** What `method` trains of `model`, in the order in which the model uses it. */
export function trainablesOf(model: Model, method: Method): readonly Trainable[] {
  return [...parametersOf(model, method).trainables.values()];
}

/** The parameters of `model`, found by building its graph for one token. */
function parametersOf(model: Model, method: Method): Parameters {
  const graph = new Graph();
  const p = new Parameters(graph, method);
  model.hidden(p, modelInputs(graph, model, 1, 1), FLAT_MIXING);
  model.head(p);
  return p;
}

/** Declares the inputs `tokens`, `positions` and, for each rotation, cos and sin. */
export function modelInputs(graph: Graph, model: Model, batch: number, time: number): ModelInputs {
  const ints = (name: string) => graph.input(name, 'i32', [batch, time]);
  return {
    tokens: ints('tokens'),
    positions: ints('positions'),
    ...rotationInputsOf(graph, model, batch, time),
  };
}

/** Declares cos and sin of each rotation, and the order in which tokens find their rows there. */
export function rotationInputsOf(
  graph: Graph,
  { ropes }: Pick<Model, 'ropes'>,
  batch: number,
  time: number,
): Pick<ModelInputs, 'order' | 'rotations'> {
  const order = graph.constant(
    'i32',
    [batch, time],
    Int32Array.from({ length: batch * time }, (_, i) => i),
  );
  return {
    order,
    rotations: new Map(
      [...ropes].map(([name, { width }]) => {
        const { cos, sin } = rotationInputs(name);
        const table = (input: string) => graph.input(input, 'f32', [batch * time, width / 2]);
        return [name, { cos: table(cos), sin: table(sin) }];
      }),
    ),
  };
}

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

/** Whether several texts may continue one beginning that is computed once: nothing but attention reads it, and it is the same for each length. */
export function mayContinue({ attendsOnly, ropes }: Pick<Model, 'attendsOnly' | 'ropes'>): boolean {
  return attendsOnly && ![...ropes.values()].some(dependsOnLength);
}
