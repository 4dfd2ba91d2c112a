/**
 * What a graph becomes in onnxruntime, as far as memory hangs on it: the steps of its file and the shapes of all tensors. The same rows as for
 * the file say it (lower.ts), but tensors have numbers, and nothing is made of constants: a plan asks for thousands of steps within
 * a tenth of a second.
 */
import { internal } from '../../../errors.ts';
import type { Graph, Node, Value } from '../../ir/graph.ts';
import type { Shape } from '../../ir/shape.ts';
import { fileOrder } from './export.ts';
import { type Dialect, type Emitter, ON_CPU } from './lower.ts';
import { inferred, type TensorInfo, wordsShape } from './lowered-shapes.ts';
import type { OnnxAttr, OnnxType } from './onnx.ts';

/** Nodes of the file in its order, each list by their places, and tensors by their numbers: in lists of numbers, since objects would cost most of the time. */
export interface Trace {
  readonly ops: readonly string[];
  /** Those of the graph's nodes that they are made of. */
  readonly scopes: readonly string[];
  /** The operands of step i are `operands` from `starts[i]` to before `starts[i + 1]`. */
  readonly starts: readonly number[];
  readonly operands: readonly number[];
  readonly results: readonly number[];
  /** Of all tensors, with those that no step makes: inputs, weights and constants. */
  readonly types: readonly OnnxType[];
  readonly shapes: readonly Shape[];
  /** Names of the tensors that are outputs. */
  readonly outputs: ReadonlyMap<number, string>;
  /** Weights of bytes that are read as words: where others read them as bytes, too, they are there twice. */
  readonly asWords: ReadonlySet<Value>;
}

/** The steps that `graph`, which has been optimised, becomes in `dialect`. */
export function traced(graph: Graph, dialect: Dialect = ON_CPU): Trace {
  const tracer = new Tracer(graph, dialect);
  for (const node of fileOrder(graph)) tracer.write(node);
  for (const [name, value] of graph.outputs) tracer.output(name, value);
  return tracer;
}

type Attrs = Readonly<Record<string, OnnxAttr>>;
const NO_ATTRS: Attrs = {};
const SCALAR: Shape = [];
/** Numbers as the rows of the table pass them on, made once for all graphs. */
const NAMES: string[] = [];

class Tracer implements Trace {
  readonly ops: string[] = [];
  readonly scopes: string[] = [];
  readonly starts: number[] = [0];
  readonly operands: number[] = [];
  readonly results: number[] = [];
  readonly types: OnnxType[] = [];
  readonly shapes: Shape[] = [];
  readonly outputs = new Map<number, string>();
  readonly asWords = new Set<Value>();
  readonly #dialect: Dialect;
  /** Numbers of the graph's values by their ids; -1 where they have none yet. */
  readonly #numbers: Int32Array;
  /** The values of constants that give shapes. */
  readonly #ints = new Map<number, readonly number[]>();
  /** Of the steps of the node that is being written. */
  #attrs: Attrs[] = [];
  #scope = '';

  constructor(graph: Graph, dialect: Dialect) {
    this.#dialect = dialect;
    this.#numbers = new Int32Array(graph.idCount).fill(-1);
  }

  write({ op, inputs, output, attrs, scope }: Node): void {
    const row = this.#dialect.rows[op];
    if (!row) throw internal(`onnxruntime has no lowering for ${op}`);
    const first = this.ops.length;
    this.#scope = scope;
    this.#attrs = [];
    const names = inputs.map((x) => nameOf(this.#numberOf(x)));
    const result = Number(row({ emit: this.#emitter, inputs: names, values: inputs, output, attrs }));
    this.#numbers[output.id] = result;
    this.types[result] = output.dtype;
    this.shapes[result] = output.shape;
    for (let i = first; i < this.ops.length; i++)
      if (this.results[i] !== result) this.#infer(i, this.#attrs[i - first]!);
  }

  /** A value that is a node's becomes the output itself; others, and those that are outputs already, pass through an Identity. */
  output(name: string, value: Value): void {
    const number = this.#numberOf(value);
    if (value.source.kind === 'node' && !this.outputs.has(number)) {
      this.outputs.set(number, name);
      return;
    }
    this.#scope = '';
    const result = this.#step('Identity', [number], value.dtype, value.shape);
    this.outputs.set(result, name);
  }

  #numberOf({ id, dtype, shape }: Value): number {
    const known = this.#numbers[id]!;
    if (known >= 0) return known;
    const made = this.#tensor(dtype, shape);
    this.#numbers[id] = made;
    return made;
  }

  #tensor(type: OnnxType, shape: Shape): number {
    this.shapes.push(shape);
    return this.types.push(type) - 1;
  }

  #step(op: string, operands: readonly number[], type: OnnxType, shape: Shape): number {
    const result = this.#tensor(type, shape);
    this.ops.push(op);
    this.scopes.push(this.#scope);
    for (const x of operands) this.operands.push(x);
    this.starts.push(this.operands.length);
    this.results.push(result);
    return result;
  }

  /** The shape of what lies between two values of the graph is told by what it is made of. */
  #infer(step: number, attrs: Attrs): void {
    const infos = this.operands
      .slice(this.starts[step], this.starts[step + 1])
      .map((x): TensorInfo => ({ type: this.types[x]!, shape: this.shapes[x]!, ints: this.#ints.get(x) }));
    const { type, shape } = inferred(this.ops[step]!, infos, attrs);
    this.types[this.results[step]!] = type;
    this.shapes[this.results[step]!] = shape;
  }

  #shape(values: readonly number[], type: OnnxType, shape: Shape): string {
    const made = this.#tensor(type, shape);
    this.#ints.set(made, values);
    return nameOf(made);
  }

  readonly #emitter: Emitter = {
    node: (op, inputs, attrs = NO_ATTRS) => {
      this.#attrs.push(attrs);
      // what it gives is not known before the row has ended
      return nameOf(this.#step(op, inputs.map(Number), 'f32', SCALAR));
    },
    i64: (values) => this.#shape(values, 'i64', [values.length]),
    i32: (values, shape) => this.#shape([...values], 'i32', shape),
    u32: () => nameOf(this.#tensor('u32', SCALAR)),
    u8: () => nameOf(this.#tensor('u8', SCALAR)),
    i8: (_, shape) => nameOf(this.#tensor('i8', shape)),
    f32: () => nameOf(this.#tensor('f32', SCALAR)),
    piece: (value, start, end) =>
      value.source.kind === 'weight'
        ? nameOf(this.#tensor(value.dtype, [end - start, ...value.shape.slice(1)]))
        : null,
    words: (value) => {
      const shape = wordsShape(value);
      if (!shape) return null;
      this.asWords.add(value);
      return nameOf(this.#tensor('u32', shape));
    },
  };
}

function nameOf(number: number): string {
  let name = NAMES[number];
  if (name === undefined) {
    name = String(number);
    NAMES[number] = name;
  }
  return name;
}
