/** The onnxruntime executor: a whole step is one ONNX graph, weights are mapped from their files. */
import * as ort from 'onnxruntime-node';
import { internal } from '../../../errors.ts';
import type { HostArray } from '../../ir/dtype.ts';
import { bytesOf, type Graph, type Value } from '../../ir/graph.ts';
import { optimise } from '../../passes/index.ts';
import type {
  CompileOptions,
  DeviceTensor,
  Executor,
  ExecutorOptions,
  Program,
  RunResult,
} from '../executor.ts';
import { HostDeviceTensor, hostData } from '../host-tensor.ts';
import { exportOnnx } from './export.ts';
import { freeCopies } from './garbage.ts';
import { ortMemory } from './memory.ts';
import { providerOf } from './providers.ts';
import { quantisedProduct } from './quantised.ts';
import { openModel } from './session.ts';

const TENSOR_TYPES = { f32: 'float32', i32: 'int32', bool: 'bool', u8: 'uint8', i8: 'int8' } as const;

/** Makes the executor; `threads` are onnxruntime's intra-op threads. Throws `AppError('device-missing')`. */
export function createOrtExecutor(options: ExecutorOptions): Executor {
  const { device, dialect } = providerOf(options.device);
  return {
    name: 'ort',
    device,
    fusedOperations: dialect.fused,
    tensor: (dtype, shape, data) => new HostDeviceTensor(dtype, shape, data),
    memoryOf: (graph, donated) => ortMemory(graph, donated, dialect),
    async compile(graph: Graph, { weights }: CompileOptions = {}): Promise<Program> {
      const ready = optimise(graph, dialect.fused);
      const { session, fedWeights } = await openModel(
        (locate) => exportOnnx(ready, weights, locate, dialect),
        options,
      );
      return new OrtProgram(ready, session, fedWeights, options.profilePrefix !== undefined);
    },
    quantisedProduct: (product) => quantisedProduct(product, options),
  };
}

class OrtProgram implements Program {
  readonly #graph: Graph;
  readonly #session: ort.InferenceSession;
  readonly #profiled: boolean;
  /** Bytes of outputs of the run before that were copied and are not used. */
  #copied = 0;
  readonly #weightFeeds: Readonly<Record<string, ort.Tensor>>;

  constructor(
    graph: Graph,
    session: ort.InferenceSession,
    fedWeights: ReadonlyMap<string, HostArray>,
    profiled: boolean,
  ) {
    this.#graph = graph;
    this.#profiled = profiled;
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
    // the copies of the run before are dead by now
    freeCopies(this.#copied);
    this.#copied = 0;
    const feeds: Record<string, ort.Tensor> = { ...this.#weightFeeds };
    for (const [name, value] of this.#graph.inputs) {
      feeds[`in:${name}`] = tensorOf(value, hostData(name, inputs[name], value.dtype, value.shape));
    }
    const fetches: Record<string, ort.Tensor | null> = {};
    for (const [name, value] of this.#graph.outputs)
      fetches[`out:${name}`] = this.#target(name, value, into[name]);
    const results = await this.#session.run(feeds, fetches as ort.InferenceSession.FetchesType);
    const outputs: Record<string, HostArray> = {};
    for (const [name, value] of this.#graph.outputs) {
      if (into[name]) this.#copied += bytesOf(value);
      else outputs[name] = results[`out:${name}`]!.data as HostArray;
    }
    return { outputs };
  }

  #target(name: string, value: Value, tensor: DeviceTensor | undefined): ort.Tensor | null {
    if (!tensor) return null;
    if (!(tensor instanceof HostDeviceTensor)) throw internal(`output ${name} lives on another device`);
    return tensorOf(value, tensor.data);
  }

  async release(): Promise<void> {
    if (this.#profiled) this.#session.endProfiling();
    await this.#session.release();
  }
}

function tensorOf(value: Value, data: HostArray): ort.Tensor {
  return new ort.Tensor(TENSOR_TYPES[value.dtype], data as never, value.shape);
}
