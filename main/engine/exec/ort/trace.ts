/**
 * What a graph becomes in onnxruntime, as far as memory hangs on it: the steps of its file and the shapes of all tensors. The same rows as for
 * the file say it (lower.ts), but tensors have numbers, and nothing is made of constants: a plan asks for thousands of steps within
 * a tenth of a second.
 */
import { internal } from '../../../errors.ts';
import type { Graph, Node, Value } from '../../ir/graph.ts';
import { fileOrder } from './export.ts';
import { type Dialect, type Emitter, ON_CPU } from './lower.ts';
import { inferred, type TensorInfo } from './lowered-shapes.ts';
import type { OnnxAttr, OnnxType } from './onnx.ts';

/** A node of the file; operands and result are numbers of tensors. */
export interface Step {
  readonly type: string;
  readonly attrs: Readonly<Record<string, OnnxAttr>>;
  /** That of the graph's node that it is made of. */
  readonly scope: string;
  readonly operands: readonly number[];
  readonly result: number;
}

export interface Trace {
  /** In the order of the file. */
  readonly steps: readonly Step[];
  /** By their numbers, with those that no step makes: inputs, weights and constants. */
  readonly tensors: readonly TensorInfo[];
  /** Names of the tensors that are outputs, by number. */
  readonly outputs: ReadonlyMap<number, string>;
}

/** The steps that `graph`, which has been optimised, becomes in `dialect`. */
export function traced(graph: Graph, dialect: Dialect = ON_CPU): Trace {
  const tracer = new Tracer(graph, dialect);
  for (const node of fileOrder(graph)) tracer.write(node);
  for (const [name, value] of graph.outputs) tracer.output(name, value);
  return tracer;
}

const NO_ATTRS = {};
/** Numbers as the rows of the table pass them on, made once for all graphs. */
const NAMES: string[] = [];

class Tracer implements Trace {
  readonly steps: Step[] = [];
  readonly tensors: TensorInfo[] = [];
  readonly outputs = new Map<number, string>();
  readonly #dialect: Dialect;
  /** Numbers of the graph's values by their ids; -1 where they have none yet. */
  readonly #numbers: Int32Array;
  #scope = '';

  constructor(graph: Graph, dialect: Dialect) {
    this.#dialect = dialect;
    this.#numbers = new Int32Array(graph.idCount).fill(-1);
  }

  write({ op, inputs, output, attrs, scope }: Node): void {
    const row = this.#dialect.rows[op];
    if (!row) throw internal(`onnxruntime has no lowering for ${op}`);
    this.#scope = scope;
    const first = this.steps.length;
    const names = inputs.map((x) => nameOf(this.#numberOf(x)));
    const result = Number(row({ emit: this.#emitter, inputs: names, values: inputs, output, attrs }));
    this.#numbers[output.id] = result;
    this.tensors[result] = { type: output.dtype, shape: output.shape };
    // what lies between is told by what it is made of
    for (let i = first; i < this.steps.length; i++) {
      const step = this.steps[i]!;
      if (step.result === result) continue;
      this.tensors[step.result] = inferred(
        step.type,
        step.operands.map((x) => this.tensors[x]!),
        step.attrs,
      );
    }
  }

  /** A value that is a node's becomes the output itself; others, and those that are outputs already, pass through an Identity. */
  output(name: string, value: Value): void {
    const number = this.#numberOf(value);
    if (value.source.kind === 'node' && !this.outputs.has(number)) {
      this.outputs.set(number, name);
      return;
    }
    const result = this.#tensor({ type: value.dtype, shape: value.shape });
    this.steps.push({ type: 'Identity', attrs: NO_ATTRS, scope: '', operands: [number], result });
    this.outputs.set(result, name);
  }

  #numberOf({ id, dtype, shape }: Value): number {
    const known = this.#numbers[id]!;
    if (known >= 0) return known;
    const made = this.#tensor({ type: dtype, shape });
    this.#numbers[id] = made;
    return made;
  }

  #tensor(info: TensorInfo): number {
    return this.tensors.push(info) - 1;
  }

  #constant(type: OnnxType, shape: readonly number[], ints?: readonly number[]): string {
    return nameOf(this.#tensor(ints ? { type, shape, ints } : { type, shape }));
  }

  readonly #emitter: Emitter = {
    node: (type, inputs, attrs = NO_ATTRS) => {
      // its shape is not known before the row has ended
      const result = this.#tensor(UNKNOWN);
      this.steps.push({ type, attrs, scope: this.#scope, operands: inputs.map(Number), result });
      return nameOf(result);
    },
    i64: (values) => this.#constant('i64', [values.length], values),
    i32: (values, shape) => this.#constant('i32', shape, [...values]),
    u32: () => this.#constant('u32', SCALAR),
    u8: () => this.#constant('u8', SCALAR),
    f32: () => this.#constant('f32', SCALAR),
  };
}

const SCALAR: readonly number[] = [];
const UNKNOWN: TensorInfo = { type: 'f32', shape: SCALAR };

function nameOf(number: number): string {
  let name = NAMES[number];
  if (name === undefined) {
    name = String(number);
    NAMES[number] = name;
  }
  return name;
}
