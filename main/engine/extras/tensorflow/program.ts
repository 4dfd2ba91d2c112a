/** A graph that TensorFlow.js computes node by node: each value is given back after its last use, each output once it is there. */
import { setImmediate } from 'node:timers/promises';
import { internal } from '../../../../common/errors.ts';
import type { DeviceTensor, Program, RunResult, WeightSource } from '../../exec/executor.ts';
import { hostData, SharedWeights, targetData } from '../../exec/host-tensor.ts';
import { allocate, type HostArray } from '../../ir/dtype.ts';
import type { Graph, Node, Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { type Backend, isCodes, type Lives, livesOf, type RunValue, select, type Tensor } from './backend.ts';
import { computeNode } from './kernels.ts';

type Inputs = Readonly<Record<string, HostArray | DeviceTensor>>;
type Targets = Readonly<Record<string, DeviceTensor>>;

/** For so long no message is heard while a graph is computed. */
const LONGEST_TURN_MS = 100;

export class TfjsProgram implements Program {
  readonly #graph: Graph;
  readonly #backend: Backend;
  readonly #lives: Lives;
  /** Weights and constants, which stay. */
  readonly #kept: ReadonlyMap<Value, RunValue>;
  readonly #weights: LoadedWeights;

  constructor(graph: Graph, backend: Backend, weights: LoadedWeights) {
    this.#graph = graph;
    this.#backend = backend;
    this.#lives = livesOf(graph);
    this.#weights = weights;
    const kept = new Map(weights.held);
    select(backend);
    for (const value of this.#lives.leaves)
      if (value.source.kind === 'constant') kept.set(value, backend.upload(value.source.data, value));
    this.#kept = kept;
  }

  async run(inputs: Inputs, into: Targets = {}): Promise<RunResult> {
    const run = new Run(this.#graph, this.#backend, this.#kept, inputs, into);
    try {
      return await run.compute(this.#lives);
    } finally {
      run.dispose();
    }
  }

  async release(): Promise<void> {
    select(this.#backend);
    for (const [value, held] of this.#kept) if (!this.#weights.held.has(value)) held.dispose();
    await this.#weights.release();
  }
}

class Run {
  readonly #backend: Backend;
  readonly #kept: ReadonlyMap<Value, RunValue>;
  /** Inputs that are still to be read. */
  readonly #given: Map<Value, HostArray>;
  readonly #into: ReadonlyMap<string, HostArray>;
  readonly #names: ReadonlyMap<Value, readonly string[]>;
  readonly #live = new Map<Value, RunValue>();
  readonly #outputs: Record<string, HostArray> = {};

  constructor(
    graph: Graph,
    backend: Backend,
    kept: ReadonlyMap<Value, RunValue>,
    inputs: Inputs,
    into: Targets,
  ) {
    this.#backend = backend;
    this.#kept = kept;
    this.#given = new Map(
      [...graph.inputs].map(([name, value]) => [
        value,
        hostData(name, inputs[name], value.dtype, value.shape),
      ]),
    );
    this.#into = new Map(Object.entries(into).map(([name, tensor]) => [name, targetData(name, tensor)]));
    const named = Map.groupBy(graph.outputs, ([, value]) => value);
    this.#names = new Map([...named].map(([value, pairs]) => [value, pairs.map(([name]) => name)]));
  }

  async compute({ order, endings }: Lives): Promise<RunResult> {
    select(this.#backend);
    let since = performance.now();
    for (const [step, node] of order.entries()) {
      this.#computeNode(node);
      for (const value of endings[step]!) this.#end(value);
      if (performance.now() - since < LONGEST_TURN_MS) continue;
      await setImmediate();
      select(this.#backend);
      since = performance.now();
    }
    // outputs that no node makes
    for (const value of this.#names.keys()) if (value.source.kind !== 'node') this.#deliver(value);
    return { outputs: this.#outputs };
  }

  dispose(): void {
    if (this.#live.size === 0) return;
    select(this.#backend);
    for (const held of this.#live.values()) held.dispose();
    this.#live.clear();
  }

  #computeNode(node: Node): void {
    const operands = node.inputs.map((value) => this.#heldFor(value));
    this.#live.set(node.output, computeNode(this.#backend, node, operands));
    if (this.#names.has(node.output)) this.#deliver(node.output);
  }

  #end(value: Value): void {
    this.#live.get(value)?.dispose();
    this.#live.delete(value);
    this.#given.delete(value);
  }

  /** An input is copied to the backend when it is first needed. */
  #heldFor(value: Value): RunValue {
    const known = this.#kept.get(value) ?? this.#live.get(value);
    if (known) return known;
    const data = this.#given.get(value);
    if (!data) throw internal(`value %${value.id} was read before it was computed`);
    const held = this.#backend.upload(data, value);
    this.#live.set(value, held);
    return held;
  }

  /** Copies an output to where it is wanted. */
  #deliver(value: Value): void {
    for (const name of this.#names.get(value)!) {
      const target = this.#into.get(name) ?? allocate(value.dtype, sizeOf(value.shape));
      if (this.#into.has(name)) this.#saveInputsIn(target);
      else this.#outputs[name] = target;
      const held = this.#heldFor(value);
      if (isCodes(held)) throw internal(`output ${name} is of a type that cannot be read`);
      this.#backend.download(held as Tensor, target);
    }
  }

  /** A donated output may lie where an input lies that is still to be read: such inputs are copied first. */
  #saveInputsIn(target: HostArray): void {
    for (const [value, data] of this.#given) if (overlap(data, target)) this.#heldFor(value);
  }
}

function overlap(a: HostArray, b: HostArray): boolean {
  if (a.buffer !== b.buffer) return false;
  return a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
}

/** What a program holds until it is released. */
export interface LoadedWeights {
  readonly held: ReadonlyMap<Value, RunValue>;
  release(): Promise<void>;
}

/** Frozen weights in the backend's memory: programs that use the same weight share it, and the last one gives it back. */
export class WeightStore {
  readonly #backend: Backend;
  readonly #shared = new SharedWeights<RunValue>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The weights of `graph`, each read where it is not there yet. */
  async load(graph: Graph, source: WeightSource | undefined): Promise<LoadedWeights> {
    const held = new Map<Value, RunValue>();
    const { take, release } = this.#shared.taker((held) => {
      select(this.#backend);
      held.dispose();
    });
    try {
      for (const [name, value] of graph.weights) {
        if (!source) throw internal(`no source for weight ${name}`);
        const location = source(name);
        const key = this.#shared.keyOf(location, value);
        held.set(value, await take(key, () => this.#backend.loadWeight(location, value)));
      }
    } catch (error) {
      await release();
      throw error;
    }
    return { held, release };
  }
}
