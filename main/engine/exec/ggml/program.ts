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
import { type Tensor, tensorBytes } from './builder.ts';
import type { Block, OpenDevice } from './device.ts';
import type { Handle } from './library.ts';
import { type Fill, type Inputs, lowerGraph, type Target } from './lowering.ts';
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
/** `GGML_PREC_F32`. */
const FULL_PRECISION = 10;

export class GgmlProgram implements Program {
  readonly #device: OpenDevice;
  readonly #weights: LoadedWeights;
  readonly #contexts: Handle[] = [];
  readonly #memory: Block[] = [];
  readonly #leaves: Leaf[] = [];
  readonly #constants: Leaf[] = [];
  readonly #outputs: Output[] = [];
  readonly #computed: Handle;
  /** What values take while they are computed. */
  readonly workingBytes: number;

  /** Takes the weights over; they are given back with it. */
  constructor(device: OpenDevice, graph: Graph, weights: LoadedWeights) {
    this.#device = device;
    this.#weights = weights;
    try {
      const order = scheduled(graph);
      const operands = order.reduce((sum, { inputs }) => sum + inputs.length, 0);
      const most = TENSORS_PER_NODE * order.length + TENSORS_PER_OPERAND * operands + 64;
      const context = this.#context(most, most);
      const leaves = this.#context(2 * (graph.idCount + 64));
      this.#computed = device.ggml.newGraph(context, most, false);
      lowerGraph(graph, order, this.#target(context, leaves));
      const bytes = [...this.#leaves, ...this.#constants].reduce(
        (sum, { tensor }) => sum + tensorBytes(tensor),
        0,
      );
      if (bytes > 0) this.#memory.push(device.allocate(leaves, bytes));
      const values = device.allocateGraph(this.#computed);
      this.#memory.push(values);
      this.workingBytes = values.bytes;
      for (const { tensor, fill } of this.#constants) device.ggml.set(tensor.handle, fill({}));
    } catch (error) {
      this.#free();
      throw error;
    }
  }

  #context(tensors: number, nodes = 0): Handle {
    const context = this.#device.context(tensors, nodes);
    this.#contexts.push(context);
    return context;
  }

  #target(context: Handle, leaves: Handle): Target {
    const { ggml, handle: device, alignment } = this.#device;
    return {
      alignment,
      node(name, operands, numbers, { op }) {
        const node = ggml.build[name](context, ...operands.map(({ handle }) => handle), ...numbers);
        if (!node) throw internal(`ggml has no room for ${name} of ${op}`);
        if (!ggml.supports(device, node)) throw unsupported(name, op);
        return node;
      },
      unused: (type, ne) => this.#device.newTensor(context, type, ne).handle,
      precise: (product) => ggml.setPrecision(product, FULL_PRECISION),
      weight: (value) => this.#weights.tensors.get(value),
      matrix: (node) => this.#weights.matrices.get(node),
      leaf: (type, ne, fill, isConstant) => {
        const tensor = this.#device.newTensor(leaves, type, ne);
        (isConstant ? this.#constants : this.#leaves).push({ tensor, fill });
        return tensor;
      },
      expand: (tensor) => ggml.expand(this.#computed, tensor.handle),
      output: (name, value, tensor) => {
        ggml.setOutput(tensor.root);
        ggml.expand(this.#computed, tensor.handle);
        this.#outputs.push({ name, value, tensor });
      },
    };
  }

  async run(inputs: Inputs, into: Readonly<Record<string, DeviceTensor>> = {}): Promise<RunResult> {
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

  async release(): Promise<void> {
    this.#free();
    await this.#weights.release();
  }

  #free(): void {
    for (const memory of this.#memory.splice(0).reverse()) memory.release();
    for (const context of this.#contexts.splice(0).reverse()) this.#device.ggml.freeContext(context);
  }
}

function unsupported(name: string, op: string): AppError {
  return new AppError(
    'device-unsupported',
    say`ggml can't compute ${op} on this device: it has no ${name} for its types.`,
    say`Compute on the processor.`,
  );
}
