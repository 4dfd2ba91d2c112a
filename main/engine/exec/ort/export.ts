/** Turns an optimised graph into the bytes of an ONNX model, and says which values must be fed to it. */
import { internal } from '../../../errors.ts';
import type { Graph, Node, Value } from '../../ir/graph.ts';
import { leavesOf } from '../../passes/schedule.ts';
import type { WeightSource } from '../executor.ts';
import { type Emitter, LOWERINGS } from './lower.ts';
import { type OnnxAttr, OnnxModel, type OnnxNode } from './onnx.ts';

export interface ExportedModel {
  readonly bytes: Uint8Array;
  /** Weights that lie in memory and are fed like inputs. */
  readonly fedWeights: ReadonlyMap<string, Float32Array>;
}

/** The ONNX model of `graph`; `locate` gives the path that the model file uses for a weight's file. */
export function exportOnnx(
  graph: Graph,
  weights: WeightSource | undefined,
  locate: (file: string) => string,
): ExportedModel {
  const writer = new GraphWriter();
  const fedWeights = new Map<string, Float32Array>();
  for (const [name, value] of graph.inputs) writer.declareInput(`in:${name}`, value);
  for (const [name, value] of graph.weights) {
    const location = weights?.(name);
    if (!location) throw internal(`no source for weight ${name}`);
    if (location.kind === 'file')
      writer.declareExternal(name, value, locate(location.file), location.offset, location.bytes);
    else {
      fedWeights.set(name, location.data);
      writer.declareInput(`w:${name}`, value);
    }
  }
  const leaves = leavesOf(graph);
  const isLeaf = new Set(leaves);
  // the file ends with the leaves, first output last: onnxruntime then computes them in the declared order
  for (const node of graph.nodes) if (!isLeaf.has(node)) writer.write(node);
  for (const node of leaves.reverse()) writer.write(node);
  for (const [name, value] of graph.outputs) writer.declareOutput(`out:${name}`, value);
  return { bytes: writer.finish(), fedWeights };
}

class GraphWriter {
  readonly #model = new OnnxModel();
  readonly #nodes: OnnxNode[] = [];
  readonly #names = new Map<Value, string>();
  readonly #constants = new Map<string, string>();
  readonly #renamed = new Map<string, string>();
  #count = 0;
  #scope = '';

  declareInput(name: string, value: Value): void {
    this.#names.set(value, name);
    this.#model.input(name, value.dtype, value.shape);
  }

  declareExternal(name: string, value: Value, file: string, offset: number, bytes: number): void {
    this.#names.set(value, `w:${name}`);
    this.#model.external(`w:${name}`, value.shape, file, offset, bytes);
  }

  write(node: Node): void {
    const row = LOWERINGS[node.op];
    if (!row) throw internal(`onnxruntime has no lowering for ${node.op}`);
    this.#scope = `${node.scope}/${node.op}`;
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
  declareOutput(name: string, value: Value): void {
    this.#model.output(name, value.dtype, value.shape);
    const inner = this.#nameOf(value);
    if (value.source.kind === 'node' && !this.#renamed.has(inner)) this.#renamed.set(inner, name);
    else
      this.#nodes.push({ type: 'Identity', domain: '', inputs: [inner], outputs: [name], attrs: {}, name });
  }

  finish(): Uint8Array {
    const rename = (name: string) => this.#renamed.get(name) ?? name;
    return this.#model.finish(
      this.#nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(rename),
        outputs: node.outputs.map(rename),
      })),
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

  readonly #emitter: Emitter = {
    node: (type, inputs, attrs: Readonly<Record<string, OnnxAttr>> = {}, domain = '') => {
      const name = `v${this.#count++}`;
      this.#nodes.push({ type, domain, inputs, outputs: [name], attrs, name: `${this.#scope}:${name}` });
      return name;
    },
    i64: (values) =>
      this.#constant(`i64:${values}`, (name) =>
        this.#model.constant(name, 'i64', [values.length], BigInt64Array.from(values, BigInt)),
      ),
    i32: (values, shape) =>
      this.#constant(`i32:${shape}:${values}`, (name) => this.#model.constant(name, 'i32', shape, values)),
    u32: (value) =>
      this.#constant(`u32:${value}`, (name) => this.#model.constant(name, 'u32', [], Uint32Array.of(value))),
    f32: (value) =>
      this.#constant(`f32:${value}`, (name) => this.#model.constant(name, 'f32', [], Float32Array.of(value))),
  };

  #constant(key: string, write: (name: string) => void): string {
    const known = this.#constants.get(key);
    if (known) return known;
    const name = `k${this.#count++}`;
    write(name);
    this.#constants.set(key, name);
    return name;
  }
}
