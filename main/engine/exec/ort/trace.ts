/**
 * What a graph becomes in onnxruntime, as far as memory depends on it: the steps of its file and the shapes of all tensors. The same rows as for
 * the file say it (lower.ts), but tensors have numbers, and nothing is made of constants: a plan asks for thousands of steps within
 * a tenth of a second.
 */
import { internal } from '../../../../common/errors.ts';
import type { Attrs as Attributes, Graph, Node, Value } from '../../ir/graph.ts';
import { type Shape, sameShape } from '../../ir/shape.ts';
import { depthFirst, operandPlaces } from '../../passes/schedule.ts';
import { type Dialect, type Emitter, ON_CPU } from '../onnx/lower.ts';
import { inferred, type TensorInfo, wordsShape } from '../onnx/lowered-shapes.ts';
import type { OnnxAttr, OnnxType } from '../onnx/onnx.ts';
import { fileOrder } from '../onnx/onnx-export.ts';

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

/**
 * What nodes have become, by their attributes, which a copy of a node shares with it: layers that are repeated and values that are computed
 * again become the same steps, with other operands. For graphs in one dialect.
 */
export type Lowered = Map<Attributes, NodeSteps>;

/** The steps of a node. Tensors that they make have numbers from 0 on, and operand i of the node is -1 - i. */
interface NodeSteps {
  readonly op: string;
  readonly values: readonly Value[];
  readonly output: Value;
  readonly ops: readonly string[];
  readonly ends: readonly number[];
  readonly operands: readonly number[];
  readonly results: readonly number[];
  readonly types: readonly OnnxType[];
  readonly shapes: readonly Shape[];
  readonly result: number;
}

/** The steps that `graph`, which has been optimised, becomes in `dialect`; `lowered` is added to, and may be that of a graph that has nodes in common. */
export function traced(graph: Graph, dialect: Dialect = ON_CPU, lowered: Lowered = new Map()): Trace {
  const tracer = new Tracer(graph, dialect, lowered);
  const nodes = fileOrder(graph);
  for (let i = 0; i < nodes.length; i++) tracer.write(nodes[i]!);
  for (const [name, value] of graph.outputs) tracer.output(name, value);
  return tracer;
}

type Attrs = Readonly<Record<string, OnnxAttr>>;
const NO_ATTRS: Attrs = {};
const SCALAR: Shape = [];

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
  readonly #lowered: Lowered;
  /** Numbers of the graph's values by their ids; -1 where they have none yet. */
  readonly #numbers: Int32Array;
  /** The values of constants that give shapes. */
  readonly #ints = new Map<number, readonly number[]>();
  /** Of the steps of the node that is being written. */
  #attrs: Attrs[] = [];
  #readsWords = false;
  #scope = '';

  constructor(graph: Graph, dialect: Dialect, lowered: Lowered) {
    this.#dialect = dialect;
    this.#lowered = lowered;
    this.#numbers = new Int32Array(graph.idCount).fill(-1);
  }

  write(node: Node): void {
    this.#scope = node.scope;
    const { inputs } = node;
    const numbers: number[] = new Array(inputs.length);
    for (let i = 0; i < inputs.length; i++) numbers[i] = this.#numberOf(inputs[i]!);
    const known = this.#lowered.get(node.attrs);
    if (known && isLike(known, node)) this.#repeat(node, numbers, known);
    else this.#lower(node, numbers);
  }

  #lower({ op, inputs, output, attrs }: Node, numbers: readonly number[]): void {
    const row = this.#dialect.rows[op];
    if (!row) throw internal(`onnxruntime has no lowering for ${op}`);
    const step = this.ops.length;
    const tensor = this.types.length;
    this.#attrs = [];
    this.#readsWords = false;
    const result = row({ emit: this.#emitter, inputs: numbers, values: inputs, output, attrs });
    this.#numbers[output.id] = result;
    this.types[result] = output.dtype;
    this.shapes[result] = output.shape;
    for (let i = step; i < this.ops.length; i++)
      if (this.results[i] !== result) this.#infer(i, this.#attrs[i - step]!);
    // a single step is as quickly asked for again; how weights are read is noted each time; of an operand that comes twice it
    // is not known which of both a step reads
    if (this.ops.length - step < 2 || this.#readsWords || hasTwice(numbers)) return;
    const own = (number: number) => (number >= tensor ? number - tensor : -1 - numbers.indexOf(number));
    const first = this.starts[step]!;
    this.#lowered.set(attrs, {
      op,
      values: inputs,
      output,
      ops: this.ops.slice(step),
      result: own(result),
      ends: this.starts.slice(step + 1).map((end) => end - first),
      operands: this.operands.slice(first).map(own),
      results: this.results.slice(step).map(own),
      types: this.types.slice(tensor),
      shapes: this.shapes.slice(tensor),
    });
  }

  #repeat({ output }: Node, numbers: readonly number[], known: NodeSteps): void {
    const tensor = this.types.length;
    const first = this.operands.length;
    const numberOf = (own: number) => (own >= 0 ? tensor + own : numbers[-1 - own]!);
    for (let i = 0; i < known.types.length; i++) {
      this.types.push(known.types[i]!);
      this.shapes.push(known.shapes[i]!);
    }
    for (let i = 0; i < known.operands.length; i++) this.operands.push(numberOf(known.operands[i]!));
    for (let i = 0; i < known.ops.length; i++) {
      this.ops.push(known.ops[i]!);
      this.scopes.push(this.#scope);
      this.starts.push(first + known.ends[i]!);
      this.results.push(numberOf(known.results[i]!));
    }
    this.#numbers[output.id] = numberOf(known.result);
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
    for (let i = 0; i < operands.length; i++) this.operands.push(operands[i]!);
    this.starts.push(this.operands.length);
    this.results.push(result);
    return result;
  }

  /** The shape of what lies between two values of the graph is told by what it is made of. */
  #infer(step: number, attrs: Attrs): void {
    const infos: TensorInfo[] = [];
    for (let i = this.starts[step]!; i < this.starts[step + 1]!; i++) {
      const x = this.operands[i]!;
      infos.push({ type: this.types[x]!, shape: this.shapes[x]!, ints: this.#ints.get(x) });
    }
    const { type, shape } = inferred(this.ops[step]!, infos, attrs);
    this.types[this.results[step]!] = type;
    this.shapes[this.results[step]!] = shape;
  }

  #shape(values: readonly number[], type: OnnxType, shape: Shape): number {
    const made = this.#tensor(type, shape);
    this.#ints.set(made, values);
    return made;
  }

  readonly #emitter: Emitter<number> = {
    node: (op, inputs, attrs = NO_ATTRS) => {
      this.#attrs.push(attrs);
      // what it gives is not known before the row has ended
      return this.#step(op, inputs, 'f32', SCALAR);
    },
    // the first result is a few numbers that nothing reads
    second: (op, inputs, attrs) => {
      this.#attrs.push(attrs);
      return this.#step(op, inputs, 'f32', SCALAR);
    },
    i64: (values) => this.#shape(values, 'i64', [values.length]),
    i32: (values, shape) => this.#shape([...values], 'i32', shape),
    u32: () => this.#tensor('u32', SCALAR),
    u8: (_, shape = SCALAR) => this.#tensor('u8', shape),
    i8: (_, shape) => this.#tensor('i8', shape),
    f32: () => this.#tensor('f32', SCALAR),
    piece: (value, start, end) =>
      value.source.kind === 'weight'
        ? this.#tensor(value.dtype, [end - start, ...value.shape.slice(1)])
        : null,
    words: (value) => {
      const shape = wordsShape(value);
      if (!shape) return null;
      this.asWords.add(value);
      this.#readsWords = true;
      return this.#tensor('u32', shape);
    },
  };
}

function hasTwice(numbers: readonly number[]): boolean {
  for (let i = 1; i < numbers.length; i++) if (numbers.indexOf(numbers[i]!) < i) return true;
  return false;
}

/** Whether what a node has become is what another one with the same attributes becomes. */
function isLike({ op, values, output }: NodeSteps, node: Node): boolean {
  if (op !== node.op || values.length !== node.inputs.length || !isTypedLike(output, node.output))
    return false;
  for (let i = 0; i < values.length; i++) if (!isTypedLike(values[i]!, node.inputs[i]!)) return false;
  return true;
}

function isTypedLike(a: Value, b: Value): boolean {
  return a.dtype === b.dtype && a.source.kind === b.source.kind && sameShape(a.shape, b.shape);
}

/** The steps of a file, by their places, in the order of execution: from its last leaf to the first, operands depth first, later ones first. */
export function leavesFirst({ results, starts, operands, types }: Trace): Int32Array {
  const makers = new Int32Array(types.length).fill(-1);
  for (let i = 0; i < results.length; i++) makers[results[i]!] = i;
  const made = new Int32Array(operands.length);
  for (let i = 0; i < operands.length; i++) made[i] = makers[operands[i]!]!;
  const places = operandPlaces(Int32Array.from(starts), made);
  const consumed = new Uint8Array(results.length);
  for (let i = 0; i < places.places.length; i++) consumed[places.places[i]!] = 1;
  const leaves: number[] = [];
  for (let i = results.length - 1; i >= 0; i--) if (consumed[i] === 0) leaves.push(i);
  return depthFirst(leaves, places);
}
