/**
 * A graph as ggml's, built once: its inputs are tensors that are filled before each run, and what the run computes shares memory where
 * values don't live at the same time.
 */
import { AppError, internal } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { allocate, type HostArray } from '../../ir/dtype.ts';
import type { Graph, Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { scheduled } from '../../passes/schedule.ts';
import type { DeviceTensor, Program, RunResult } from '../executor.ts';
import { targetData } from '../host-tensor.ts';
import { type Tensor, tensorBytes, VIEWS } from './builder.ts';
import type { Block, OpenDevice } from './device.ts';
import type { GgmlOperation, Handle } from './library.ts';
import { type Fill, type Inputs, lowerGraph, type Target } from './lowering.ts';
import { GgmlTensor } from './tensors.ts';
import type { LoadedWeights } from './weights.ts';

/** What is filled before each run, or once. */
interface Leaf {
  readonly tensor: Tensor;
  readonly fill: Fill;
}

interface Output {
  readonly name: string;
  readonly value: Value;
  readonly tensor: Tensor;
}

/** Tensors of ggml that a node may need, its views and copies counted. */
const TENSORS_PER_NODE = 24;
const TENSORS_PER_OPERAND = 8;
/** What is computed at once at most; a single operation may take longer. */
export const SLICES = { seconds: 0.25 };
/** Of a slow card: multiplications and additions, and bytes moved, in a second. */
const SLOW = { flops: 100e9, bytes: 10e9 };
/** `GGML_PREC_F32`. */
const FULL_PRECISION = 10;

/** What stays on the device between runs: inputs that are read, and outputs that are written there. */
interface Bound {
  readonly inputs: ReadonlyMap<string, GgmlTensor>;
  readonly outputs: ReadonlyMap<string, GgmlTensor>;
}

const NOTHING: Bound = { inputs: new Map(), outputs: new Map() };

export class GgmlProgram implements Program {
  readonly #device: OpenDevice;
  readonly #graph: Graph;
  readonly #weights: LoadedWeights;
  #built: Built | null = null;

  /**
   * Takes the weights over; they are given back with it. `isLater`: its first run tells what of its inputs and outputs stays on the device,
   * and only then memory is taken.
   */
  constructor(device: OpenDevice, graph: Graph, weights: LoadedWeights, isLater: boolean) {
    [this.#device, this.#graph, this.#weights] = [device, graph, weights];
    if (!isLater) this.#built = new Built(device, graph, weights, NOTHING);
  }

  /** What values take while they are computed; null before there are any. */
  get workingBytes(): number | null {
    return this.#built?.workingBytes ?? null;
  }

  async run(inputs: Inputs, into: Readonly<Record<string, DeviceTensor>> = {}): Promise<RunResult> {
    return await this.#builtFor(inputs, into).run(inputs, into);
  }

  /** Takes memory as a run with these does. */
  prepare(inputs: Inputs, into: Readonly<Record<string, DeviceTensor>>): void {
    this.#builtFor(inputs, into);
  }

  #builtFor(inputs: Inputs, into: Inputs): Built {
    const bound = { inputs: tensorsIn(inputs), outputs: tensorsIn(into) };
    if (this.#built?.isFor(bound)) return this.#built;
    this.#built?.release();
    this.#built = null;
    this.#built = new Built(this.#device, this.#graph, this.#weights, bound);
    return this.#built;
  }

  async release(): Promise<void> {
    this.#built?.release();
    this.#built = null;
    await this.#weights.release();
  }
}

function tensorsIn(given: Inputs): ReadonlyMap<string, GgmlTensor> {
  const found = new Map<string, GgmlTensor>();
  for (const [name, tensor] of Object.entries(given))
    if (tensor instanceof GgmlTensor) found.set(name, tensor);
  return found;
}

const sameTensors = (a: ReadonlyMap<string, GgmlTensor>, b: ReadonlyMap<string, GgmlTensor>): boolean =>
  a.size === b.size && [...a].every(([name, tensor]) => b.get(name) === tensor);

/** A graph of ggml for inputs and outputs that lie at certain places, with its memory. */
class Built {
  readonly #device: OpenDevice;
  readonly #weights: LoadedWeights;
  readonly #bound: Bound;
  readonly #contexts: Handle[] = [];
  readonly #memory: Block[] = [];
  readonly #leaves: Leaf[] = [];
  readonly #constants: Leaf[] = [];
  readonly #outputs: Output[] = [];
  readonly #computed: readonly Handle[];
  /** Seconds that each tensor is thought to take on a slow card. */
  readonly #seconds = new Map<Handle, number>();
  readonly workingBytes: number;

  constructor(device: OpenDevice, graph: Graph, weights: LoadedWeights, bound: Bound) {
    [this.#device, this.#weights, this.#bound] = [device, weights, bound];
    try {
      const order = scheduled(graph);
      const operands = order.reduce((sum, { inputs }) => sum + inputs.length, 0);
      const copies = 2 * bound.outputs.size;
      const most = TENSORS_PER_NODE * order.length + TENSORS_PER_OPERAND * operands + copies + 64;
      const context = this.#context(most, most);
      const leaves = this.#context(2 * (graph.idCount + 64));
      const whole: Handle = device.ggml.newGraph(context, most, false);
      lowerGraph(graph, order, this.#target(context, leaves, whole));
      const bytes = [...this.#leaves, ...this.#constants].reduce(
        (sum, { tensor }) => sum + tensorBytes(tensor),
        0,
      );
      if (bytes > 0) this.#memory.push(device.allocate(leaves, bytes));
      const values = device.allocateGraph(whole);
      this.#memory.push(values);
      this.workingBytes = values.bytes;
      this.#computed = this.#slices(whole);
      for (const { tensor, fill } of this.#constants) device.ggml.set(tensor.handle, fill({}));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  isFor({ inputs, outputs }: Bound): boolean {
    return sameTensors(inputs, this.#bound.inputs) && sameTensors(outputs, this.#bound.outputs);
  }

  #context(tensors: number, nodes = 0): Handle {
    const context = this.#device.context(tensors, nodes);
    this.#contexts.push(context);
    return context;
  }

  /** The graph in pieces of some tenths of a second: systems end what a card computes for longer. */
  #slices(whole: Handle): Handle[] {
    const { ggml } = this.#device;
    const count: number = ggml.nodeCount(whole);
    const pieces: Handle[][] = [[]];
    let seconds = 0;
    for (let i = 0; i < count; i++) {
      const node: Handle = ggml.nodeAt(whole, i);
      const own = this.#seconds.get(node) ?? 0;
      if (seconds > 0 && seconds + own > SLICES.seconds) {
        pieces.push([]);
        seconds = 0;
      }
      seconds += own;
      pieces.at(-1)!.push(node);
    }
    if (pieces.length === 1) return [whole];
    return pieces.map((nodes) => {
      const graph: Handle = ggml.newGraph(this.#context(0, nodes.length), nodes.length, false);
      for (const node of nodes) ggml.addNode(graph, node);
      return graph;
    });
  }

  #target(context: Handle, leaves: Handle, whole: Handle): Target {
    const { ggml, handle: device, alignment } = this.#device;
    const keep = (tensor: Tensor) => {
      ggml.setOutput(tensor.root);
      ggml.expand(whole, tensor.handle);
    };
    return {
      alignment,
      node: (name, operands, numbers, { ne, type, op }) => {
        const node = ggml.build[name](context, ...operands.map(({ handle }) => handle), ...numbers);
        if (!node) throw internal(`ggml has no room for ${name} of ${op}`);
        if (!ggml.supports(device, node)) throw unsupported(name, op);
        this.#seconds.set(node, secondsOf(name, operands, { ne, type }));
        return node;
      },
      unused: (type, ne) => this.#device.newTensor(context, type, ne).handle,
      precise: (product) => ggml.setPrecision(product, FULL_PRECISION),
      weight: (value) => this.#weights.tensors.get(value),
      given: (name) => this.#bound.inputs.get(name)?.tensor,
      place: (name) => this.#bound.outputs.get(name)?.tensor,
      matrix: (node) => this.#weights.matrices.get(node),
      leaf: (type, ne, fill, isConstant) => {
        const tensor = this.#device.newTensor(leaves, type, ne);
        (isConstant ? this.#constants : this.#leaves).push({ tensor, fill });
        return tensor;
      },
      expand: (tensor) => ggml.expand(whole, tensor.handle),
      output: (name, value, tensor) => {
        keep(tensor);
        this.#outputs.push({ name, value, tensor });
      },
      keep,
    };
  }

  async run(inputs: Inputs, into: Readonly<Record<string, DeviceTensor>>): Promise<RunResult> {
    const { ggml } = this.#device;
    const fill = () => {
      for (const leaf of this.#leaves) ggml.set(leaf.tensor.handle, leaf.fill(inputs));
    };
    return this.#device.compute(this.#computed, fill, () => {
      const outputs: Record<string, HostArray> = {};
      for (const output of this.#outputs) {
        const target = into[output.name];
        if (target) this.#read(output, targetData(output.name, target));
        else {
          outputs[output.name] = allocate(output.value.dtype, sizeOf(output.value.shape));
          this.#read(output, outputs[output.name]!);
        }
      }
      return { outputs };
    });
  }

  #read({ tensor, value }: Output, target: HostArray): void {
    const { dtype } = value;
    if (tensor.type !== dtype && tensor.type !== 'f32')
      throw internal(`an output of ${dtype} is ${tensor.type} on the device`);
    const data = tensor.type === dtype ? target : new Float32Array(target.length);
    this.#device.ggml.get(tensor.handle, data);
    if (data !== target) target.set(data);
  }

  release(): void {
    for (const memory of this.#memory.splice(0).reverse()) memory.release();
    for (const context of this.#contexts.splice(0).reverse()) this.#device.ggml.freeContext(context);
  }
}

function secondsOf(
  name: GgmlOperation,
  operands: readonly Tensor[],
  made: Pick<Tensor, 'ne' | 'type'>,
): number {
  if (VIEWS.has(name)) return 0;
  const bytes = [...operands, made].reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  const [rows, columns, ...batches] = made.ne;
  const products = name === 'mul_mat' ? rows * columns * batches[0] * batches[1] * operands[0]!.ne[0] : 0;
  return (2 * products) / SLOW.flops + bytes / SLOW.bytes;
}

function unsupported(name: string, op: string): AppError {
  return new AppError(
    'device-unsupported',
    say`ggml can't compute ${op} on this device: it has no ${name} for its types.`,
    say`Compute on the processor.`,
  );
}
