/** The onnxruntime executor: a whole step is one ONNX graph, weights are mapped from their files. */
import v8 from 'node:v8';
import vm from 'node:vm';
import type * as ort from 'onnxruntime-node';
import { internal } from '../../../../common/errors.ts';
import type { HostArray } from '../../ir/dtype.ts';
import { bytesOf, type Graph, type Value } from '../../ir/graph.ts';
import { optimise } from '../../passes/index.ts';
import {
  type CompileOptions,
  type DeviceTensor,
  type Executor,
  type ExecutorOptions,
  type Program,
  type RunResult,
  TURNS_FROM_BYTES,
} from '../executor.ts';
import { HostDeviceTensor, hostData, targetData } from '../host-tensor.ts';
import { exportOnnx } from '../onnx/onnx-export.ts';
import { ProgramTimer, quantisedProduct } from './measured.ts';
import { openModel } from './onnx-session.ts';
import { heapInTurn, MappedWeights, ortMemory } from './ort-memory.ts';
import { checkLargest, describedProvider, deviceFailure, providerOf } from './providers.ts';
import { newTarget, OrtDeviceTensor, runUnread, Transfer, tensorOf, UNREADABLE } from './tensors.ts';
import type { Lowered } from './trace.ts';

/**
 * Makes the executor; `threads` are onnxruntime's intra-op threads. Throws `AppError('device-missing')` where this onnxruntime does
 * not know the device; whether the device is really there
 * shows when the first graph is compiled.
 */
export function createOrtExecutor(options: ExecutorOptions): Executor {
  const { pricesOnly = false } = options;
  const provider = pricesOnly ? describedProvider(options.device) : providerOf(options.device);
  const { device, dialect, tensors, isUnread = false } = provider;
  const transfer = new Transfer(options);
  const mapped = new MappedWeights();
  return {
    name: 'ort',
    device,
    keeps: tensors,
    writesInPlace: isUnread,
    // on the processor weights are mapped from their files
    ...(device !== 'cpu' && { turnsFromBytes: TURNS_FROM_BYTES }),
    fusedOperations: dialect.fused,
    processMemory: () => mapped.memory(),
    tensor: (dtype, shape, data) =>
      tensors === 'host'
        ? new HostDeviceTensor(dtype, shape, data)
        : new OrtDeviceTensor(transfer, dtype, shape, data),
    memoryOf: (graph, donated, notes) =>
      ortMemory(graph, donated, dialect, !isUnread, notes as Lowered | undefined),
    heapInTurn: (phases) => heapInTurn(phases, dialect),
    async compile(graph: Graph, { weights, kept }: CompileOptions = {}): Promise<Program> {
      if (pricesOnly) throw internal('an executor that only prices was asked to compile');
      const ready = optimise(graph, dialect.fused);
      checkLargest(ready, provider);
      const timer = options.profile && new ProgramTimer(ready, options.profile);
      try {
        const { session, fedWeights } = await openModel(
          (locate) => exportOnnx(ready, weights, locate, dialect, isUnread ? UNREADABLE : undefined),
          { ...options, ...(timer && { profilePrefix: timer.prefix }) },
          tensors === 'device' ? outputLocations(ready, kept) : undefined,
        );
        // a card has copies of its own
        const unmap = device === 'cpu' ? mapped.open(ready, weights) : () => {};
        return new OrtProgram(ready, session, fedWeights, {
          ...options,
          isUnread,
          unmap,
          ...(timer && { timer }),
        });
      } catch (error) {
        timer?.discard();
        throw deviceFailure(device, error);
      }
    },
    ...(device === 'cpu' && { quantisedProduct: (product) => quantisedProduct(product, options) }),
  };
}

/** Kept outputs stay on the device, all others come back. */
function outputLocations(graph: Graph, kept: ReadonlySet<string> = new Set()) {
  const names = [...graph.outputs.keys()];
  return Object.fromEntries(
    names.map((name) => [`out:${name}`, kept.has(name) ? ('gpu-buffer' as const) : ('cpu' as const)]),
  );
}

interface ProgramOptions extends ExecutorOptions {
  readonly isUnread: boolean;
  /** Its weights are not mapped any more. */
  unmap(): void;
  readonly timer?: ProgramTimer;
}

class OrtProgram implements Program {
  readonly #graph: Graph;
  readonly #session: ort.InferenceSession;
  readonly #options: ProgramOptions;
  /** Bytes of outputs of the run before that were copied and are not used. */
  #copied = 0;
  readonly #weightFeeds: Readonly<Record<string, ort.Tensor>>;

  constructor(
    graph: Graph,
    session: ort.InferenceSession,
    fedWeights: ReadonlyMap<string, HostArray>,
    options: ProgramOptions,
  ) {
    this.#graph = graph;
    this.#options = options;
    this.#session = session;
    const feeds = [...fedWeights].map(
      ([name, data]) => [`w:${name}`, tensorOf(graph.weights.get(name)!, data)] as const,
    );
    this.#weightFeeds = Object.fromEntries(feeds);
  }

  async run(
    inputs: Readonly<Record<string, HostArray | DeviceTensor>>,
    into: Readonly<Record<string, DeviceTensor>> = {},
  ): Promise<RunResult> {
    // what the run before left is dead by now
    freeGarbage(this.#copied);
    this.#copied = 0;
    const feeds: Record<string, ort.Tensor> = { ...this.#weightFeeds };
    for (const [name, value] of this.#graph.inputs)
      feeds[`in:${name}`] = await feedOf(name, value, inputs[name]);
    const fetches: Record<string, ort.Tensor | null> = {};
    for (const [name, value] of this.#graph.outputs)
      fetches[`out:${name}`] = targetOf(name, value, into[name]);
    this.#options.timer?.runBegins();
    if (this.#options.isUnread) return await this.#runUnread(feeds, fetches, into);
    const results = await this.#compute(feeds, fetches);
    const outputs: Record<string, HostArray> = {};
    for (const [name, value] of this.#graph.outputs) {
      const result = results[`out:${name}`]!;
      const target = into[name];
      if (!target) outputs[name] = result.data as HostArray;
      else if (target instanceof OrtDeviceTensor) await store(result, target);
      else this.#copied += bytesOf(value);
    }
    return { outputs };
  }

  /** Every output in the memory that was given for it, or in new memory: nothing is copied. */
  async #runUnread(
    feeds: Record<string, ort.Tensor>,
    fetches: Record<string, ort.Tensor | null>,
    into: Readonly<Record<string, DeviceTensor>>,
  ): Promise<RunResult> {
    const targets: Record<string, ort.Tensor> = {};
    const outputs: Record<string, HostArray> = {};
    for (const [name, value] of this.#graph.outputs) {
      const target = fetches[`out:${name}`] ?? newTarget(value);
      targets[`out:${name}`] = target;
      if (!into[name]) outputs[name] = target.data as HostArray;
    }
    try {
      await runUnread(this.#session, feeds, targets);
    } catch (error) {
      throw deviceFailure(this.#options.device, error);
    }
    return { outputs };
  }

  async #compute(
    feeds: Record<string, ort.Tensor>,
    fetches: Record<string, ort.Tensor | null>,
  ): Promise<ort.InferenceSession.OnnxValueMapType> {
    try {
      return await this.#session.run(feeds, fetches as ort.InferenceSession.FetchesType);
    } catch (error) {
      throw deviceFailure(this.#options.device, error);
    }
  }

  async release(): Promise<void> {
    const { timer } = this.#options;
    if (timer) this.#session.endProfiling();
    await this.#session.release();
    timer?.report();
    this.#options.unmap();
  }
}

async function feedOf(
  name: string,
  value: Value,
  given: HostArray | DeviceTensor | undefined,
): Promise<ort.Tensor> {
  if (given instanceof OrtDeviceTensor) return await given.onDevice();
  return tensorOf(value, hostData(name, given, value.dtype, value.shape));
}

/** Where a run writes an output: into a tensor in this process' memory, or into one that it makes itself. */
function targetOf(name: string, value: Value, tensor: DeviceTensor | undefined): ort.Tensor | null {
  if (!tensor || tensor instanceof OrtDeviceTensor) return null;
  return tensorOf(value, targetData(name, tensor));
}

/** What was computed becomes the contents of `target`; an output that was not declared as kept is brought back there. */
async function store(result: ort.Tensor, target: OrtDeviceTensor): Promise<void> {
  if (result.location === 'gpu-buffer') target.replace(result);
  else await target.write(result.data as HostArray);
}

// Asks the collector for what it does not see: onnxruntime-node copies every output of a run into a new array, garbage at once and as
// large as a model, behind a few small objects. Asking takes some 10 ms. Handles and short arrays lie between those blocks, too, and keep
// holes from being used: without asking, the process grows by megabytes a step.

/** With less garbage than this a run is over too soon for the collector to be worth its time. */
const WORTH_BYTES = 64 * 2 ** 20;

/** The quick collection, of young objects, takes half a millisecond; so often it is no burden. */
const YOUNG_MS = 50;

type Collect = (options?: { readonly type: 'minor' | 'major' }) => void;
let collect: Collect | null = null;
let lastCollected = Number.NEGATIVE_INFINITY;

/** Frees what nobody holds any more: all of it where `bytes` of copies are many, else what is young, at most every 50 ms. */
export function freeGarbage(bytes: number): void {
  const hasCopies = bytes >= WORTH_BYTES;
  if (!hasCopies && performance.now() - lastCollected < YOUNG_MS) return;
  collect ??= collector();
  collect({ type: hasCopies ? 'major' : 'minor' });
  lastCollected = performance.now();
}

/** The collector can only be reached from a context that was made after the flag was set. */
function collector(): Collect {
  v8.setFlagsFromString('--expose-gc');
  return vm.runInNewContext('gc') as Collect;
}
