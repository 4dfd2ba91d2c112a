/**
 * Executors by their names, and whether the device of one computes products in float16 or int8 as it should: onnxruntime tells nothing of
 * that, so a tiny product is tried.
 */

import { AppError } from '../../../common/errors.ts';
import type { RunConfig } from '../../../common/settings/table.ts';
import { say } from '../../../common/words/language.ts';
import * as extras from '../extras/executors.ts';
import { Graph } from '../ir/graph.ts';
import { matmul, matmulInt8, narrow, widen } from '../ops/functions.ts';
import {
  type DeviceChoice,
  type DeviceName,
  deviceFor,
  deviceMissing,
  type Executor,
  type ExecutorOptions,
} from './executor.ts';
import type { ForeignModel, PortableOptions } from './foreign.ts';

type Open = (options: ExecutorOptions) => Promise<Executor>;

const EXECUTORS = {
  ort: async (options: ExecutorOptions) => (await import('./ort/ort-executor.ts')).createOrtExecutor(options),
  ggml: async (options: ExecutorOptions) =>
    (await import('./ggml/ggml-executor.ts')).createGgmlExecutor(options),
  openvino: async (options: ExecutorOptions) =>
    (await import('./openvino/openvino-executor.ts')).createOpenvinoExecutor(options),
  reference: async (_: ExecutorOptions) =>
    (await import('./reference/reference-executor.ts')).createReferenceExecutor(),
  ...extras,
} satisfies Readonly<Record<RunConfig['executor'], Open>>;

/** The ONNX file of `graph` for other programs. */
export async function portableFile(graph: Graph, options: PortableOptions): Promise<Uint8Array> {
  return (await import('./onnx/portable.ts')).portableOnnx(graph, options);
}

/** An ONNX file as other programs open it, on the processor. */
export async function openForeign(file: string, threads: number): Promise<ForeignModel> {
  return await (await import('./ort/foreign-model.ts')).openForeignModel(file, threads);
}

/** Whether onnxruntime computes through WebGPU here, and the cards that ggml sees; to be asked in a process that may be lost. */
export async function webgpuAnswer() {
  const problem = await (await import('./ort/adapters.ts')).webgpuProblem();
  return { problem, ggml: (await import('./ggml/library.ts')).ggmlCards() };
}

/** The version of OpenVINO that is here. Throws `AppError('speed-pack-missing')` where none is. */
export async function openvinoVersion(): Promise<string> {
  return (await import('./openvino/library.ts')).openOpenVino().version;
}

export type ExecutorName = keyof typeof EXECUTORS;

export const EXECUTOR_NAMES = Object.keys(EXECUTORS) as readonly ExecutorName[];

/** Executors that tell how long each operation took. */
export const TIMES_OPERATIONS: ReadonlySet<ExecutorName> = new Set(['ort']);

/** What can compute, and the executor that a training on it uses. */
export const DEVICES: readonly { readonly device: DeviceName; readonly executor: ExecutorName }[] = [
  { device: 'cpu', executor: 'ort' },
  { device: 'webgpu', executor: 'ort' },
];

/** Executors that none of these devices but the processor is for. */
const ON_PROCESSOR_ONLY: ReadonlySet<ExecutorName> = new Set(['reference', 'openvino', 'ggml']);

export type OpenOptions = Omit<ExecutorOptions, 'device'> & { readonly device?: DeviceChoice };

/** The executor called `name`, ready to compile on a device. Throws `AppError('device-missing')` where that is not there. */
export async function openExecutor(name: ExecutorName, options: OpenOptions): Promise<Executor> {
  const device = deviceFor(options.device);
  if (device !== 'cpu' && ON_PROCESSOR_ONLY.has(name))
    throw deviceMissing(
      device,
      say`${name} computes on the processor.`,
      say`Choose the processor, or another way to compute.`,
    );
  return EXECUTORS[name]({ ...options, device });
}

const SIZE = 4;
/** What says more than that there is no float16. */
const OWN_CODES = new Set(['device-missing', 'device-lost', 'out-of-memory']);

/** Throws `AppError('device-unsupported')` where the executor's device has no float16, or gives wrong products in it. */
export async function requireHalfProducts(executor: Executor): Promise<void> {
  const graph = new Graph();
  const [a, b] = ['a', 'b'].map((name) => graph.input(name, 'f32', [SIZE, SIZE]));
  graph.output('y', widen(matmul(narrow(a!), narrow(b!), { transB: true })));
  const rows = Float32Array.from({ length: SIZE * SIZE }, (_, i) => row(Math.floor(i / SIZE)));
  const product = await computed(executor, graph, { a: rows, b: rows }).catch((error) => {
    if (error instanceof AppError && OWN_CODES.has(error.code)) throw error;
    throw unsupported(executor, error instanceof Error ? error.message : String(error), error);
  });
  // rows of whole numbers: each has a whole product that float16 holds
  const isRight = product.every((value, i) => value === SIZE * row(Math.floor(i / SIZE)) * row(i % SIZE));
  if (!isRight) throw unsupported(executor, `1 + 2 -> ${product.slice(0, SIZE).join(', ')}`);
}

const row = (i: number) => i + 1;

/** Long enough for several instructions of any processor. */
const LONG = 256;
const LARGEST = 127;

/**
 * Throws `AppError('device-unsupported')` where products of bytes lose what exceeds 16 bits: processors without VNNI add up two of them
 * in so many, and the largest codes are not held.
 */
export async function requireInt8Products(executor: Executor): Promise<void> {
  if (!executor.fusedOperations.has('matmulInt8')) return;
  const graph = new Graph();
  const codes = graph.constant('i8', [SIZE, 1, LONG], new Int8Array(SIZE * LONG).fill(LARGEST));
  const scales = graph.constant('f32', [SIZE, 1, 1], new Float32Array(SIZE).fill(1));
  graph.output('y', matmulInt8(graph.input('a', 'f32', [SIZE, LONG]), { codes, scales }, true));
  const ones = new Float32Array(SIZE * LONG).fill(1);
  const product = await computed(executor, graph, { a: ones });
  if (product.every((value) => Math.abs(value / (LONG * LARGEST) - 1) < 1e-4)) return;
  throw new AppError(
    'device-unsupported',
    say`This processor can't multiply in 8 bits exactly.`,
    say`Use full precision (float32).`,
  );
}

async function computed(
  executor: Executor,
  graph: Graph,
  inputs: Readonly<Record<string, Float32Array>>,
): Promise<Float32Array> {
  const program = await executor.compile(graph);
  try {
    const { outputs } = await program.run(inputs);
    return outputs.y as Float32Array;
  } finally {
    await program.release();
  }
}

function unsupported({ device }: Executor, why: string, cause?: unknown): AppError {
  return new AppError(
    'device-unsupported',
    say`The graphics card (${device}) can't compute in half precision: ${why}`,
    say`Use full precision (float32).`,
    { cause },
  );
}
