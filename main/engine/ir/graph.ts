/**
 * The tensor IR: a static, acyclic graph of single-output operations. A value knows its dtype, its shape and where it comes from; a graph
 * is the list of nodes in the order in which they were built, which is a topological order.
 */
import { internal } from '../../../common/errors.ts';
import { type ComputeDType, DTYPE_BYTES, type HostArray } from './dtype.ts';
import { type Shape, sizeOf } from './shape.ts';

export type AttrValue = number | string | boolean | readonly number[];
export type Attrs = Readonly<Record<string, AttrValue>>;

/** Where a value comes from: fed at each run, a frozen weight, data known when the graph is built, or a node. */
export type Source =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'weight'; readonly name: string }
  | { readonly kind: 'constant'; readonly data: HostArray }
  | { readonly kind: 'node'; readonly node: Node };

export interface Value {
  readonly id: number;
  readonly dtype: ComputeDType;
  readonly shape: Shape;
  readonly source: Source;
  readonly graph: Graph;
}

export interface Node {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attrs: Attrs;
  readonly output: Value;
  /** Dotted path of the layer that built the node, for the printer and for profiles. */
  readonly scope: string;
}

/** A graph under construction or finished; names of inputs, weights and outputs are unique. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs = new Map<string, Value>();
  readonly weights = new Map<string, Value>();
  readonly outputs = new Map<string, Value>();
  #nextId = 0;
  /** null outside of all scopes. */
  #scope: string | null = null;

  /** A value that is fed at each run. */
  input(name: string, dtype: ComputeDType, shape: Shape): Value {
    return this.#leaf(this.inputs, { kind: 'input', name }, dtype, shape);
  }

  /** A frozen weight that the executor takes from its weight source; the same name gives the same value. */
  weight(name: string, shape: Shape, dtype: ComputeDType = 'f32'): Value {
    const known = this.weights.get(name);
    return known ?? this.#leaf(this.weights, { kind: 'weight', name }, dtype, shape);
  }

  /** Data that is known now; its length must be the size of the shape. */
  constant(dtype: ComputeDType, shape: Shape, data: HostArray): Value {
    if (data.length !== sizeOf(shape))
      throw internal(`constant has ${data.length} elements for shape ${shape}`);
    return this.#value(dtype, shape, { kind: 'constant', data });
  }

  /** Declares `value` as the output called `name`. */
  output(name: string, value: Value): void {
    if (this.outputs.has(name)) throw internal(`output ${name} is declared twice`);
    if (value.graph !== this) throw internal(`output ${name} belongs to another graph`);
    this.outputs.set(name, value);
  }

  /** Appends a node. Operations call this after they have checked dtypes and shapes. */
  append(op: string, inputs: readonly Value[], attrs: Attrs, dtype: ComputeDType, shape: Shape): Value {
    for (let i = 0; i < inputs.length; i++) {
      const value = inputs[i]!;
      if (value.graph !== this) throw internal(`${op}: operand ${describe(value)} belongs to another graph`);
    }
    // one shape of object for all nodes: passes read millions of them
    const node: { -readonly [K in keyof Node]: Node[K] } = {
      op,
      inputs,
      attrs,
      scope: this.#scope ?? '',
      output: undefined as unknown as Value,
    };
    node.output = this.#value(dtype, shape, { kind: 'node', node });
    this.nodes.push(node);
    return node.output;
  }

  /** Runs `build` with `name` added to the scope of the nodes that it appends. */
  scoped<T>(name: string, build: () => T): T {
    const outer = this.#scope;
    this.#scope = outer === null ? name : `${outer}.${name}`;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  /** Ids of its values are below this. */
  get idCount(): number {
    return this.#nextId;
  }

  #leaf(
    into: Map<string, Value>,
    source: Source & { name: string },
    dtype: ComputeDType,
    shape: Shape,
  ): Value {
    if (into.has(source.name)) throw internal(`${source.kind} ${source.name} is declared twice`);
    const value = this.#value(dtype, shape, source);
    into.set(source.name, value);
    return value;
  }

  #value(dtype: ComputeDType, shape: Shape, source: Source): Value {
    return { id: this.#nextId++, dtype, shape, source, graph: this };
  }
}

/** The node that computes `value`, or null for inputs, weights and constants. */
export function producer(value: Value): Node | null {
  return value.source.kind === 'node' ? value.source.node : null;
}

/** The number that a one-element constant holds, or null for any other value. */
export function scalarOf(value: Value): number | null {
  return value.source.kind === 'constant' && value.source.data.length === 1 ? value.source.data[0]! : null;
}

/** Bytes that `value` takes in memory. */
export function bytesOf(value: Value): number {
  return sizeOf(value.shape) * DTYPE_BYTES[value.dtype];
}

/** Short text for messages: name or id, dtype and shape. */
export function describe(value: Value): string {
  const { source } = value;
  const name = source.kind === 'input' || source.kind === 'weight' ? source.name : `%${value.id}`;
  const origin =
    source.kind === 'node' ? ` from ${source.node.op}` : source.kind === 'constant' ? ' constant' : '';
  return `${name} ${value.dtype}[${value.shape.join(',')}]${origin}`;
}

/** Makes a graph readable: one line a node, in SSA form, with dtypes, shapes and the layer that built it. */

/** The text of `graph`: inputs and weights, then the nodes in order, then the outputs. */
export function printGraph(graph: Graph): string {
  const lines: string[] = [];
  for (const [name, value] of graph.inputs) lines.push(`input  ${name}: ${typeOf(value)}`);
  for (const [name, value] of graph.weights) lines.push(`weight ${name}: ${typeOf(value)}`);
  let scope = '';
  for (const node of graph.nodes) {
    if (node.scope !== scope) {
      scope = node.scope;
      lines.push(`# ${scope}`);
    }
    const args = [...node.inputs.map(nameOf), ...attrTexts(node.attrs)].join(', ');
    lines.push(`  %${node.output.id}: ${typeOf(node.output)} = ${node.op}(${args})`);
  }
  for (const [name, value] of graph.outputs)
    lines.push(`output ${name} = ${nameOf(value)}: ${typeOf(value)}`);
  return `${lines.join('\n')}\n`;
}

function typeOf(value: Value): string {
  return `${value.dtype}[${value.shape.join(',')}]`;
}

function nameOf(value: Value): string {
  const { source } = value;
  if (source.kind === 'input' || source.kind === 'weight') return source.name;
  const scalar = scalarOf(value);
  if (scalar !== null) return String(scalar);
  return source.kind === 'constant' ? `const${typeOf(value)}` : `%${value.id}`;
}

function attrTexts(attrs: Attrs): string[] {
  return Object.entries(attrs).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
}
