/**
 * The OpenVINO executor: the step that onnxruntime would run, as one ONNX graph, with products in bfloat16. Nothing of a model is a
 * constant of that graph, and all tensors lie in arrays of this process.
 */

import { AppError, internal } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import { allocate, type ComputeDType, type HostArray } from '../../ir/dtype.ts';
import { bytesOf, type Graph, type Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import { peaksOf } from '../../passes/graph-cost.ts';
import { optimise } from '../../passes/index.ts';
import { neededBy } from '../../passes/rewrite.ts';
import type {
  CompileOptions,
  DeviceTensor,
  Executor,
  ExecutorOptions,
  Program,
  RunResult,
  WorkingMemory,
} from '../executor.ts';
import { HostDeviceTensor, hostData, targetData } from '../host-tensor.ts';
import { exportFedOnnx } from '../onnx/onnx-export.ts';
import { type Handle, type OpenVino, openOpenVino } from './library.ts';
import { type LoadedWeights, ON_OPENVINO, WeightStore, withHalfWeights, withOneSum } from './rewritten.ts';

type Compile = (threads: number, hasProducts: boolean) => Readonly<Record<string, string>>;

/** What programs are compiled with, by OpenVINO's name of the device. */
const COMPILED: Readonly<Record<string, Compile>> = {
  CPU: (threads, hasProducts) => ({
    // sums and updates lose too much in bfloat16, and win nothing
    INFERENCE_PRECISION_HINT: hasProducts ? 'bf16' : 'f32',
    INFERENCE_NUM_THREADS: String(threads),
    NUM_STREAMS: '1',
    // a thread that is bound to a core waits while another program computes there
    ENABLE_CPU_PINNING: 'NO',
    // without loops that are fused and compiled for each step, it is ready sooner, and quicker
    SNIPPETS_MODE: 'DISABLE',
  }),
  // its other precision is float16, in which gradients vanish without a scaled loss
  GPU: () => ({ INFERENCE_PRECISION_HINT: 'f32', NUM_STREAMS: '1' }),
};

/**
 * On the processor, or on the device that FETTLE_OPENVINO_DEVICE names. Throws `AppError('speed-pack-missing')` where the library is not
 * here, unless it is only asked for prices, and `AppError('device-missing')` where it doesn't see the device.
 */
export function createOpenvinoExecutor({ threads, device, pricesOnly = false }: ExecutorOptions): Executor {
  const library = pricesOnly ? null : openOpenVino();
  const target = process.env.FETTLE_OPENVINO_DEVICE || 'CPU';
  const onCard = target === 'CPU' ? null : say`Graphics card (OpenVINO)`;
  const propertiesOf = COMPILED[target];
  if (!propertiesOf || (library && !library.devices.some((name) => name.split('.')[0] === target)))
    throw new AppError(
      'device-missing',
      say`OpenVINO sees no device ${target}. It sees ${library?.devices.join(marks().comma) ?? Object.keys(COMPILED).join(marks().comma)}.`,
      say`Install the card’s driver and OpenVINO’s whole package, or compute on the processor.`,
    );
  const store = new WeightStore();
  return {
    name: 'openvino',
    device,
    ...(onCard !== null && { deviceWords: onCard }),
    keeps: 'host',
    writesInPlace: true,
    rewritten,
    fusedOperations: ON_OPENVINO.fused,
    tensor: (dtype, shape, data) => new HostDeviceTensor(dtype, shape, data),
    memoryOf: openvinoMemory,
    async compile(graph: Graph, { weights }: CompileOptions = {}): Promise<Program> {
      if (library === null) throw internal('an executor that only prices was asked to compile');
      const ready = optimise(rewritten(graph), ON_OPENVINO.fused);
      const hasProducts = ready.nodes.some(({ op }) => op === 'matmul');
      // compiling has a thread of its own, and takes longer
      const [compiled, loaded] = await Promise.allSettled([
        compiledModel(library, ready, target, propertiesOf(threads, hasProducts)),
        store.load(ready, weights),
      ]);
      if (compiled.status === 'fulfilled' && loaded.status === 'fulfilled')
        return new OpenvinoProgram(ready, library, compiled.value, loaded.value);
      if (compiled.status === 'fulfilled') library.freeCompiled(compiled.value);
      if (loaded.status === 'fulfilled') await loaded.value.release();
      throw [compiled, loaded].find((one) => one.status === 'rejected')!.reason;
    },
  };
}

/** Weights first: in a sum they are read by what joins them, and no longer by a product. */
const rewritten = (graph: Graph): Graph => withOneSum(withHalfWeights(graph));

async function compiledModel(
  library: OpenVino,
  graph: Graph,
  target: string,
  properties: Readonly<Record<string, string>>,
): Promise<Handle> {
  const model = library.readModel(exportFedOnnx(graph, ON_OPENVINO));
  try {
    return await library.compile(model, target, properties);
  } finally {
    library.freeModel(model);
    library.trim();
  }
}

interface Bound {
  readonly data: HostArray;
  readonly tensor: Handle;
}

class OpenvinoProgram implements Program {
  readonly #graph: Graph;
  /** Those that a node reads: OpenVINO drops the others. */
  readonly #inputs: readonly (readonly [string, Value])[];
  readonly #library: OpenVino;
  readonly #compiled: Handle;
  readonly #request: Handle;
  readonly #weights: LoadedWeights;
  /** By the names of the model; the arrays must stay where they are while they are bound. */
  readonly #bound = new Map<string, Bound>();
  readonly #copied = new Map<string, HostArray>();

  constructor(graph: Graph, library: OpenVino, compiled: Handle, weights: LoadedWeights) {
    this.#graph = graph;
    const needed = neededBy(graph);
    this.#inputs = [...graph.inputs].filter(([, { id }]) => needed[id] === 1);
    this.#library = library;
    this.#compiled = compiled;
    this.#weights = weights;
    this.#request = library.request(compiled);
    for (const [name, value] of graph.weights) this.#bind(`w:${name}`, value, weights.byName.get(name)!);
  }

  async run(
    inputs: Readonly<Record<string, HostArray | DeviceTensor>>,
    into: Readonly<Record<string, DeviceTensor>> = {},
  ): Promise<RunResult> {
    const read = new Map<ArrayBufferLike, Set<number>>();
    for (const [name, value] of this.#inputs) {
      const data = hostData(name, inputs[name], value.dtype, value.shape);
      this.#bind(`in:${name}`, value, data);
      read.set(data.buffer, (read.get(data.buffer) ?? new Set()).add(data.byteOffset));
    }
    const outputs: Record<string, HostArray> = {};
    const copies: (readonly [to: HostArray, from: HostArray])[] = [];
    for (const [name, value] of this.#graph.outputs) {
      const target = into[name] ? targetData(name, into[name]) : null;
      const isRead = target !== null && read.get(target.buffer)?.has(target.byteOffset) === true;
      const data = target && !isRead ? target : this.#besides(name, value, target !== null);
      if (target === null) outputs[name] = data;
      else if (isRead) copies.push([target, data]);
      this.#bind(`out:${name}`, value, data);
    }
    await this.#library.infer(this.#request);
    for (const [to, from] of copies) to.set(from);
    return { outputs };
  }

  /**
   * Memory for an output: of its own in each run, or the same again where it is copied into a tensor that is an input, too. OpenVINO may
   * write there before it has read.
   */
  #besides(name: string, { dtype, shape }: Value, isCopied: boolean): HostArray {
    const before = isCopied ? this.#copied.get(name) : undefined;
    const data = before ?? allocate(dtype, sizeOf(shape));
    if (isCopied) this.#copied.set(name, data);
    return data;
  }

  async release(): Promise<void> {
    this.#library.freeRequest(this.#request);
    for (const { tensor } of this.#bound.values()) this.#library.freeTensor(tensor);
    this.#bound.clear();
    this.#library.freeCompiled(this.#compiled);
    await this.#weights.release();
  }

  #bind(name: string, { dtype, shape }: { dtype: ComputeDType; shape: Shape }, data: HostArray): void {
    const before = this.#bound.get(name);
    if (before?.data === data) return;
    const tensor = this.#library.tensor({ dtype, shape }, data);
    this.#library.bind(this.#request, name, tensor);
    if (before) this.#library.freeTensor(before.tensor);
    this.#bound.set(name, { data, tensor });
  }
}

/** Of the values alive at once in float32; measured 0.54 to 0.61 on steps of 12 and 30 layers. */
const BLOCK_SHARE = 0.6;
/** What a compiled graph keeps for each node: measured 160 MB for 2,636 nodes and about 500 MB for 8,331. */
const SESSION_BYTES_PER_NODE = 60_000;

/** `graph` has been optimised for OpenVINO; `donated` outputs that are inputs, too, are written beside them first. */
export function openvinoMemory(graph: Graph, donated: ReadonlySet<string>): WorkingMemory {
  const { turn, after } = peaksOf(graph, donated);
  const [turnBytes, afterBytes] = [turn.bytes * BLOCK_SHARE, after.bytes * BLOCK_SHARE];
  const copied = [...donated].filter((name) => graph.inputs.has(name));
  return {
    turnBytes,
    afterBytes,
    donatedBytes: copied.reduce((sum, name) => sum + bytesOf(graph.outputs.get(name)!), 0),
    heapAt: () => Math.max(turnBytes, afterBytes),
    sessionBytes: SESSION_BYTES_PER_NODE * graph.nodes.length,
  };
}
