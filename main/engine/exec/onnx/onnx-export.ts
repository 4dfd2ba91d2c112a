/** Turns an optimised graph into the bytes of an ONNX model, and says which values must be fed to it. */
import { internal } from '../../../../common/errors.ts';
import type { HostArray } from '../../ir/dtype.ts';
import { bytesOf, type Graph, type Node, type Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import { leavesOf } from '../../passes/schedule.ts';
import type { WeightLocation, WeightSource } from '../executor.ts';
import { type Dialect, type Emitter, ON_CPU } from './lower.ts';
import { wordsShape } from './lowered-shapes.ts';
import { type OnnxAttr, OnnxModel, type OnnxNode, type OnnxType, type OpenShape } from './onnx.ts';

export interface ExportedModel {
  readonly bytes: Uint8Array;
  /** Weights that lie in memory and are fed like inputs. */
  readonly fedWeights: ReadonlyMap<string, HostArray>;
}

/** The ONNX model of `graph` in `dialect`, to which all weights are fed. */
export function exportFedOnnx(graph: Graph, dialect: Dialect): Uint8Array {
  const writer = new GraphWriter(dialect);
  for (const [name, value] of graph.inputs) writer.declareInput(`in:${name}`, value);
  for (const [name, value] of graph.weights) writer.declareInput(`w:${name}`, value);
  return writer.written(graph);
}

/**
 * The ONNX model of `graph` in `dialect`; `locate` gives the path that the model file uses for a weight's file. `unreadable`: the
 * name of a first output that cannot be read (exec/ort/tensors.ts).
 */
export function exportOnnx(
  graph: Graph,
  weights: WeightSource | undefined,
  locate: (file: string) => string,
  dialect: Dialect = ON_CPU,
  unreadable?: string,
): ExportedModel {
  const writer = new GraphWriter(dialect);
  if (unreadable !== undefined) writer.declareUnreadable(unreadable);
  const fedWeights = new Map<string, HostArray>();
  for (const [name, value] of graph.inputs) writer.declareInput(`in:${name}`, value);
  for (const [name, value] of graph.weights) {
    const location = weights?.(name);
    if (!location) throw internal(`no source for weight ${name}`);
    const lies = location.kind === 'file' ? { ...location, file: locate(location.file) } : location;
    writer.place(name, value, lies);
    if (lies.kind === 'file') writer.declareExternal(name, value, lies.file, lies.offset, lies.bytes);
    else if (value.dtype === 'f16' || value.dtype === 'bf16') writer.declareWeight(name, value, lies.data);
    else {
      fedWeights.set(name, lies.data);
      writer.declareInput(`w:${name}`, value);
    }
  }
  return { bytes: writer.written(graph), fedWeights };
}

/** Parts of weights that lie in memory become part of the model up to so many bytes. */
const MOST_IN_MODEL = 2 ** 26;

/** The nodes of `graph` in the order of the file, which ends with the leaves, first output last: onnxruntime then computes them in the declared order. */
export function fileOrder(graph: Graph): Node[] {
  const leaves = leavesOf(graph);
  const isLeaf = new Set(leaves);
  return graph.nodes.filter((node) => !isLeaf.has(node)).concat(leaves.reverse());
}

/** What the names of all ONNX nodes of `node` begin with, so that a profile finds it again (exec/ort/measured.ts). */
export function profiledName({ scope, op, output }: Node): string {
  return `${scope}/${op}#${output.id}`;
}

/** How the outputs of a file are called, and what it says of their sizes. */
interface OutputNames {
  readonly nameOf?: (name: string) => string;
  readonly shapeOf?: (value: Value) => OpenShape;
}

const ownOutput = (name: string) => `out:${name}`;
const ownShape = ({ shape }: Value): OpenShape => shape;

export class GraphWriter {
  readonly #model = new OnnxModel();
  readonly #nodes: OnnxNode[] = [];
  readonly #names = new Map<Value, string>();
  readonly #constants = new Map<string, string>();
  readonly #tables = new Map<Int8Array, string>();
  readonly #renamed = new Map<string, string>();
  readonly #dialect: Dialect;
  readonly #places = new Map<Value, { readonly name: string; readonly location: WeightLocation }>();
  /** Names of weights that are parts of others, or others in words. */
  readonly #parts = new Set<string>();
  #count = 0;
  #scope = '';

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  declareInput(name: string, value: Value): void {
    this.#names.set(value, name);
    this.#model.input(name, value.dtype, value.shape);
  }

  declareExternal(name: string, value: Value, file: string, offset: number, bytes: number): void {
    this.#names.set(value, `w:${name}`);
    this.#model.external(`w:${name}`, value.dtype, value.shape, { file, offset, bytes });
  }

  /** Where a weight lies. */
  place(name: string, value: Value, location: WeightLocation): void {
    this.#places.set(value, { name, location });
  }

  /** A weight whose values become part of the model: onnxruntime-node cannot be fed every type. */
  declareWeight(name: string, value: Value, data: HostArray): void {
    this.#names.set(value, `w:${name}`);
    this.#model.constant(`w:${name}`, value.dtype, value.shape, data);
  }

  /** An input of the file that is none of the graph's. */
  declareOwnInput(name: string, dtype: OnnxType, shape: OpenShape): void {
    this.#model.input(name, dtype, shape);
  }

  /** Values of the file that are none of the graph's. */
  declareOwn(name: string, dtype: OnnxType, shape: Shape, data: HostArray | Int8Array): void {
    this.#model.constant(name, dtype, shape, data);
  }

  /** The value is what `name` holds: a constant, or what nodes of `emitter` have computed. */
  declareComputed(value: Value, name: string): void {
    this.#names.set(value, name);
  }

  /** For nodes that are none of the graph's, before those. */
  get emitter(): Emitter<string> {
    return this.#emitter;
  }

  /** An output that is an empty list. */
  declareUnreadable(name: string): void {
    this.#model.sequenceOutput(name);
    this.#nodes.push({ type: 'SequenceEmpty', domain: '', inputs: [], outputs: [name], attrs: {}, name });
  }

  /** The file, once all inputs and weights of `graph` are declared. */
  written(graph: Graph, { nameOf = ownOutput, shapeOf = ownShape }: OutputNames = {}): Uint8Array {
    for (const node of fileOrder(graph)) this.#write(node);
    for (const [name, value] of graph.outputs) this.#declareOutput(nameOf(name), value, shapeOf(value));
    return this.#model.finish(this.#nodesAsNamed());
  }

  #write(node: Node): void {
    const row = this.#dialect.rows[node.op];
    if (!row) throw internal(`onnxruntime has no lowering for ${node.op}`);
    this.#scope = profiledName(node);
    const inputs = node.inputs.map((x) => this.#nameOf(x));
    const name = row({
      emit: this.#emitter,
      inputs,
      values: node.inputs,
      output: node.output,
      attrs: node.attrs,
    });
    this.#names.set(node.output, name);
  }

  /** A value that is only one output, and a node's, gets the output's name; others pass through an Identity. */
  #declareOutput(name: string, value: Value, shape: OpenShape): void {
    this.#model.output(name, value.dtype, shape);
    const inner = this.#nameOf(value);
    if (value.source.kind === 'node' && !this.#renamed.has(inner)) this.#renamed.set(inner, name);
    else
      this.#nodes.push({ type: 'Identity', domain: '', inputs: [inner], outputs: [name], attrs: {}, name });
  }

  #nodesAsNamed(): OnnxNode[] {
    const renamed = this.#renamed;
    const rename = (name: string) => renamed.get(name) ?? name;
    const isRenamed = (name: string) => renamed.has(name);
    return this.#nodes.map((node) =>
      node.outputs.some(isRenamed) || node.inputs.some(isRenamed)
        ? { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) }
        : node,
    );
  }

  #nameOf(value: Value): string {
    const known = this.#names.get(value);
    if (known) return known;
    if (value.source.kind !== 'constant') throw internal(`value %${value.id} has no name yet`);
    const name = `c${this.#count++}`;
    this.#model.constant(name, value.dtype, value.shape, value.source.data);
    this.#names.set(value, name);
    return name;
  }

  readonly #emitter: Emitter<string> = {
    node: (type, inputs, attrs: Readonly<Record<string, OnnxAttr>> = {}, domain = '') => {
      const name = `v${this.#count++}`;
      this.#nodes.push({ type, domain, inputs, outputs: [name], attrs, name: `${this.#scope}:${name}` });
      return name;
    },
    second: (type, inputs, attrs) => {
      const name = `v${this.#count++}`;
      const outputs = [`${name}:first`, name];
      this.#nodes.push({ type, domain: '', inputs, outputs, attrs, name: `${this.#scope}:${name}` });
      return name;
    },
    i64: (values) => this.#constant('i64', [values.length], values, () => BigInt64Array.from(values, BigInt)),
    i32: (values, shape) => this.#constant('i32', shape, values, () => values),
    u32: (value) => this.#constant('u32', [], [value], () => Uint32Array.of(value)),
    u8: (value, shape = []) =>
      this.#constant('u8', shape, [value], () => new Uint8Array(sizeOf(shape)).fill(value)),
    i8: (values, shape) => this.#table(values, shape),
    f32: (value) => this.#constant('f32', [], [Math.fround(value)], () => Float32Array.of(value)),
    piece: (value, start, end) => {
      const shape = [end - start, ...value.shape.slice(1)];
      return this.#part(value, `[${start}:${end}]`, value.dtype, shape, start / value.shape[0]!);
    },
    words: (value) => {
      const shape = wordsShape(value);
      return shape && this.#part(value, ':words', 'u32', shape, 0);
    },
  };

  /** The part of a weight that begins at that share of it, written once; null where `value` is no weight. */
  #part(value: Value, suffix: string, type: OnnxType, shape: Shape, from: number): string | null {
    const found = this.#places.get(value);
    if (!found) return null;
    const name = `w:${found.name}${suffix}`;
    if (this.#parts.has(name)) return name;
    const { location } = found;
    const bytes = bytesOf(value) * (sizeOf(shape) / sizeOf(value.shape)) * (type === 'u32' ? 4 : 1);
    if (location.kind === 'file') {
      const offset = location.offset + Math.round(from * location.bytes);
      this.#model.external(name, type, shape, { file: location.file, offset, bytes });
    } else {
      if (bytes > MOST_IN_MODEL) return null;
      const { buffer, byteOffset, byteLength } = location.data;
      const start = byteOffset + Math.round(from * byteLength);
      this.#model.constant(name, type, shape, new Uint8Array(buffer as ArrayBuffer, start, bytes));
    }
    this.#parts.add(name);
    return name;
  }

  /** A large constant; the same array is written once. */
  #table(data: Int8Array, shape: readonly number[]): string {
    const known = this.#tables.get(data);
    if (known) return known;
    const name = `k${this.#count++}`;
    this.#model.constant(name, 'i8', shape, data);
    this.#tables.set(data, name);
    return name;
  }

  /** A constant, written once however often it is used. */
  #constant(
    type: OnnxType,
    shape: readonly number[],
    values: { join(): string },
    data: () => HostArray | BigInt64Array | Uint32Array,
  ): string {
    const key = `${type}:${shape}:${values.join()}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const name = `k${this.#count++}`;
    this.#model.constant(name, type, shape, data());
    this.#constants.set(key, name);
    return name;
  }
}
