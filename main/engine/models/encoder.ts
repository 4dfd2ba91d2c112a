/**
 * What the engine knows of an encoder, a model that reads and does not write: each family is one such object in one file, and
 * encoders.ts lists them. Its graph gives a hidden state for each token; nn/pooling.ts makes vectors of them.
 */
import { Graph, type Value } from '../ir/graph.ts';
import { sizeOfAll } from '../ir/shape.ts';
import { type Method, Parameters } from '../nn/parameters.ts';
import { type Dense, throughDense } from '../nn/pooling.ts';
import type { Ropes } from '../nn/rope.ts';
import type { ConfigReader, Json } from './config-reader.ts';
import type { GgufFile } from './gguf.ts';
import { type ModelInputs, type ModelOutline, rotationInputsOf, type StoredNames } from './model.ts';

/** Inputs of an encoder's graph, int32 [B,T]: a token sees those of its own segment, before it and after it. */
export interface EncoderInputs extends ModelInputs {
  readonly segments: Value;
  /** 0 for the first of two texts, 1 for the second. */
  readonly types: Value;
}

export interface Encoder extends StoredNames {
  readonly modelType: string;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  /** Tokens of a text, the special ones included. */
  readonly maxTokens: number;
  /** The rotations that its layers use, by name; none where positions are learned. */
  readonly ropes: Ropes;
  /** The position of each token of one text. */
  positionsOf(ids: readonly number[]): number[];
  /** Hidden states after the last layer, [B*T,H]. */
  hidden(p: Parameters, inputs: EncoderInputs): Value;
  /** Layers that pooled vectors go through. */
  readonly dense?: readonly Dense[];
}

/** The same encoder with layers behind its pooling. */
export function withDense(encoder: Encoder, dense: readonly Dense[]): Encoder {
  if (dense.length === 0) return encoder;
  const isOwn = (name: string) => dense.some(({ path }) => name.startsWith(`${path}.`));
  return {
    ...encoder,
    dense,
    storedNames: (parameter) => (isOwn(parameter) ? [parameter] : encoder.storedNames(parameter)),
  };
}

/** Numbers of a text's vector. */
export const widthOf = ({ hiddenSize, dense }: Pick<Encoder, 'hiddenSize' | 'dense'>): number =>
  dense?.at(-1)?.outputs ?? hiddenSize;

export interface EncoderFamily {
  /** `model_type` of config.json. */
  readonly type: string;
  /** What people call its models. */
  readonly title: string;
  /** The model that a config.json describes. A missing key takes the default of its class in Transformers. */
  read(config: ConfigReader): Encoder;
  /** How llama.cpp's files hold its models; none where they are those of another family. */
  readonly gguf?: EncoderGguf;
}

/** One table for reading GGUF files and for writing them. */
export interface EncoderGguf {
  readonly architecture: string;
  /** The class in Transformers. */
  readonly className: string;
  /** Keys without the architecture before them, what config.json calls them, and what Transformers takes where that says nothing. */
  readonly keys: readonly (readonly [key: string, config: string, type: 'u32' | 'f32', fallback: number])[];
  /** What else config.json says. */
  more(file: GgufFile): Readonly<Record<string, Json | undefined>>;
  /** Beginnings of parameters' names; a longer one stands before a shorter one that it begins with. */
  readonly names: readonly (readonly [RegExp, string])[];
}

/** Declares the inputs `tokens`, `positions`, `segments`, `types` and, for each rotation, cos and sin. */
export function encoderInputs(graph: Graph, encoder: Encoder, batch: number, time: number): EncoderInputs {
  const ints = (name: string) => graph.input(name, 'i32', [batch, time]);
  return {
    ...rotationInputsOf(graph, encoder, batch, time),
    tokens: ints('tokens'),
    positions: ints('positions'),
    segments: ints('segments'),
    types: ints('types'),
  };
}

/** The parameters and linear layers of `encoder`, found by building its graph for one token. */
export function encoderOutline(encoder: Encoder): ModelOutline {
  const method: Method = { kind: 'full' };
  const graph = new Graph();
  const p = new Parameters(graph, method);
  throughDense(p, encoder.dense ?? [], encoder.hidden(p, encoderInputs(graph, encoder, 1, 1)));
  const parameters = new Map(
    [...p.trainables.values()].map(({ name, shape, kind }) => [name, { shape, kind }]),
  );
  const { linears, tables } = p;
  return { parameters, linears, tables, parameterCount: sizeOfAll(parameters.values()) };
}
