/**
 * The parameters of a model while its graph is built. A parameter that is trained is an input of the graph (its values
 * live between steps), any other is a frozen weight. Which are trained is the method's choice: none, all, or adapters.
 */
import { internal } from '../../../common/errors.ts';
import type { HalfType } from '../ir/dtype.ts';
import type { Graph, Value } from '../ir/graph.ts';
import type { Shape } from '../ir/shape.ts';
import { dequantise, widen } from '../ops/functions.ts';
import {
  type MatrixFormat,
  matrixFormat,
  type QuantisedFormat,
  type QuantisedPart,
  quantisedParts,
  tableFormat,
} from './quantised.ts';

export type ParameterKind =
  | 'matrix'
  | 'embedding'
  | 'norm'
  | 'bias'
  | 'lora_a'
  | 'lora_b'
  | 'magnitude'
  | 'token_rows'
  | 'buffer';

/** A low-rank adapter of one linear layer: rank, and the factor alpha/r (or alpha/sqrt(r)) on its output. */
export interface LoraShape {
  readonly rank: number;
  readonly scale: number;
  /**
   * With DoRA (Liu et al. 2024) the rows of the adapted matrix have lengths of their own. `trained`: these magnitudes are parameters, and
   * the rows are measured as A and B are at the moment. `settled`: nothing changes any more, and what each output is multiplied with is given.
   */
  readonly dora?: 'trained' | 'settled';
}

/** The adapter of one linear module in a graph: A [r,in] and B [out,r]. */
export interface Adapter {
  readonly a: Value;
  readonly b: Value;
  readonly scale: number;
  readonly dora: Dora | null;
}

/** The magnitudes and the squared lengths of the frozen rows, or the gain that follows from them (nn/linear-and-norm.ts); each [out]. */
export type Dora =
  | { readonly kind: 'trained'; readonly magnitude: Value; readonly rowSquares: Value }
  | { readonly kind: 'settled'; readonly gain: Value };

/** The parameters that rest in 16 bits, by name, each with its type. */
export type Halves = ReadonlyMap<string, HalfType>;

export type Method =
  | { readonly kind: 'frozen'; readonly quantised?: QuantisedFormat; readonly halves?: Halves }
  | {
      readonly kind: 'full';
      /** `int8`: layers multiply by codes of their matrices (passes/int8-products.ts). */
      readonly precision?: Precision | 'int8';
      /** In what the matrices and embeddings are kept between steps; float32 where it is left out. */
      readonly masters?: 'f16';
      /** Which of the model's parameters are trained; all where it is left out. */
      readonly trains?: (name: string) => boolean;
    }
  | {
      readonly kind: 'lora';
      /** The adapter that a linear module gets, or null for none. */
      readonly adapterOf: (module: string) => LoraShape | null;
      readonly dropout: number;
      /** The format of the matrices beside the adapters (QLoRA); float32 where it is left out. */
      readonly quantised?: QuantisedFormat;
      /** The frozen parameters that rest in 16 bits and are widened for each product. */
      readonly halves?: Halves;
      readonly precision?: Precision;
    };

/** In what products are computed: `f16` is mixed precision (passes/half-precision.ts); float32 where it is left out. */
export type Precision = 'f16' | 'f32';

/** The method as it computes outside training: nothing is dropped. */
export function withoutDropout(method: Method): Method {
  return method.kind === 'lora' ? { ...method, dropout: 0 } : method;
}

/** How the frozen weights are kept: matrices quantised, `halves` in their 16 bits (16), or all in float32 (null). */
export type BaseFormat = QuantisedFormat | 16;

/** The method on a base whose weights are kept in `format`; of 16 bits, those in `halves`. */
export function onBase(method: Method, format: BaseFormat | null, halves: Halves): Method {
  if (method.kind === 'full' || format === null) return method;
  return format === 16 ? { ...method, halves } : { ...method, quantised: format };
}

/** A trained parameter: its name as it is saved, its shape, and what kind it is. */
export interface Trainable {
  readonly name: string;
  readonly shape: Shape;
  readonly kind: ParameterKind;
  /** How it is fed: in 16 bits, or in float32 where that is left out. */
  readonly dtype?: 'f16';
  readonly value: Value;
}

/** PEFT's name of an adapter tensor. */
export function peftName(module: string, which: 'A' | 'B' | 'magnitude'): string {
  const part = which === 'magnitude' ? 'lora_magnitude_vector' : `lora_${which}.weight`;
  return `base_model.model.${module}.${part}`;
}

/** PEFT's name of a parameter that is trained whole beside adapters (`modules_to_save`). */
export function savedWholeName(parameter: string): string {
  return `base_model.model.${parameter}`;
}

/** The frozen weight that holds the squared length of each row of a module's matrix; no file of a model has it. */
export function rowSquaresName(module: string): string {
  return `${module}.weight.rowSquares`;
}

/** PEFT's name of the rows of new tokens that stand beside the table of `parameter`, such as `model.embed_tokens.weight`. */
export function tokenRowsName(parameter: string): string {
  return `base_model.model.${parameter.replace(/\.weight$/, '')}.token_adapter.trainable_tokens_delta`;
}

/** The frozen weight that holds the rows with which new tokens begin; no file of a model has it. */
export function firstRowsName(parameter: string): string {
  return `${parameter}.newRows`;
}

/** The input that holds what each output of a module is multiplied with, once its DoRA is settled. */
export function gainName(module: string): string {
  return `${module}.gain`;
}

/**
 * AdamW decays matrices, embeddings and adapters; not norm weights, biases and magnitudes, which would draw the model towards zero, nor the
 * rows of new tokens beside a table, which stand for a whole row and not for a change of one.
 */
export function isDecayed(kind: ParameterKind): boolean {
  return kind !== 'norm' && kind !== 'bias' && kind !== 'magnitude' && kind !== 'token_rows';
}

export class Parameters {
  readonly graph: Graph;
  readonly method: Method;
  /** The trained parameters in the order in which the model uses them. */
  readonly trainables = new Map<string, Trainable>();
  /** Every linear layer met so far, by module path. */
  readonly linears = new Map<string, { readonly inputs: number; readonly outputs: number }>();
  /** The embedding and the output head, by parameter name. */
  readonly tables = new Set<string>();
  /** What is read and never trained. */
  readonly buffers = new Map<string, Shape>();
  #dropoutSeed: Value | null = null;
  #streams = 0;

  constructor(graph: Graph, method: Method) {
    this.graph = graph;
    this.method = method;
  }

  /** The parameter `name` of the base model. */
  base(name: string, shape: Shape, kind: ParameterKind): Value {
    const { method } = this;
    if (method.kind !== 'full') return this.#frozen(name, shape, method.halves?.get(name));
    if (method.trains?.(name) === false) return this.#frozen(name, shape, undefined);
    const known = this.trainables.get(name);
    return known ? known.value : this.#train(name, shape, kind);
  }

  /** A head that takes the place of the model's own: every method trains it whole. */
  ownHead(name: string, shape: Shape): Value {
    if (this.method.kind === 'full')
      return this.trainables.get(name)?.value ?? this.#train(name, shape, 'matrix');
    if (this.method.kind !== 'lora') return this.base(name, shape, 'matrix');
    return this.#train(savedWholeName(name), shape, 'matrix');
  }

  /** What files hold beside parameters, and nothing trains (Gemma 4's factors of layers). */
  buffer(name: string, shape: Shape): Value {
    this.buffers.set(name, shape);
    return this.#frozen(name, shape, this.method.kind === 'full' ? undefined : this.method.halves?.get(name));
  }

  /** The matrix of a linear layer: the parameter itself, or what the codes stand for in which it is kept. */
  matrix(name: string, shape: Shape): Value {
    return this.#quantised(name, shape, matrixFormat) ?? this.base(name, shape, 'matrix');
  }

  /** The embedding or the output head [V,H], of which rows are read and with which hidden states are multiplied. */
  table(name: string, shape: Shape, kind: 'embedding' | 'matrix'): Value {
    this.tables.add(name);
    return this.#quantised(name, shape, tableFormat) ?? this.base(name, shape, kind);
  }

  /** The rows of new tokens beside the table `name`, [N,H]: trained beside adapters, else frozen as they begin. */
  tokenRows(name: string, shape: Shape): Value {
    if (this.method.kind === 'full') throw internal(`${name} is trained whole`);
    if (this.method.kind === 'frozen') return this.graph.weight(firstRowsName(name), shape);
    const trained = tokenRowsName(name);
    return this.trainables.get(trained)?.value ?? this.#train(trained, shape, 'token_rows');
  }

  #quantised(
    name: string,
    shape: Shape,
    formatOf: (format: QuantisedFormat, shape: Shape) => MatrixFormat | null,
  ): Value | null {
    const { method } = this;
    if (method.kind === 'full' || method.quantised === undefined) return null;
    const format = formatOf(method.quantised, shape);
    if (!format) return null;
    const { codes, scales, zeros, steps } = quantisedParts(name, shape, format);
    const part = (of: QuantisedPart) => this.graph.weight(of.name, of.shape, of.dtype);
    const parts = { codes: part(codes), scales: part(scales) };
    const others = { zeros: zeros && part(zeros), steps: steps && part(steps) };
    return dequantise({ ...parts, ...others }, format.type, format.block);
  }

  /** The adapter of a linear module, or null where it has none. */
  adapter(module: string, inputs: number, outputs: number): Adapter | null {
    this.linears.set(module, { inputs, outputs });
    if (this.method.kind !== 'lora') return null;
    const shape = this.method.adapterOf(module);
    if (!shape) return null;
    const a = this.#train(peftName(module, 'A'), [shape.rank, inputs], 'lora_a');
    const b = this.#train(peftName(module, 'B'), [outputs, shape.rank], 'lora_b');
    return { a, b, scale: shape.scale, dora: this.#dora(module, outputs, shape.dora) };
  }

  #dora(module: string, outputs: number, dora: LoraShape['dora']): Dora | null {
    if (dora === undefined) return null;
    if (dora === 'settled') return { kind: dora, gain: this.graph.input(gainName(module), 'f32', [outputs]) };
    const magnitude = this.#train(peftName(module, 'magnitude'), [outputs], 'magnitude');
    return { kind: dora, magnitude, rowSquares: this.graph.weight(rowSquaresName(module), [outputs]) };
  }

  /** The seed that dropout draws from (an int32 input) with a stream of its own for each caller. */
  dropoutStream(): { seed: Value; stream: number } {
    this.#dropoutSeed ??= this.graph.input('dropoutSeed', 'i32', []);
    return { seed: this.#dropoutSeed, stream: this.#streams++ };
  }

  #frozen(name: string, shape: Shape, half: HalfType | undefined): Value {
    return half === undefined ? this.graph.weight(name, shape) : widen(this.graph.weight(name, shape, half));
  }

  #train(name: string, shape: Shape, kind: ParameterKind): Value {
    if (this.trainables.has(name)) throw internal(`parameter ${name} is used twice`);
    const isHalf = this.method.kind === 'full' && this.method.masters === 'f16' && isDecayed(kind);
    const input = this.graph.input(name, isHalf ? 'f16' : 'f32', shape);
    const value = isHalf ? widen(input) : input;
    this.trainables.set(name, { name, shape, kind, ...(isHalf && { dtype: 'f16' }), value });
    return value;
  }
}
