/**
 * The TensorFlow.js executor: it interprets a graph with the operations of a library that many people know, on TensorFlow's own
 * backend where that is installed, else on WebAssembly. State stays in the memory of the process; what a run needs of it is copied.
 */

import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import { AppError, describeError } from '../../../../common/errors.ts';
import { TENSORFLOW } from '../../../../common/extras/tensorflow/library.ts';
import { say } from '../../../../common/words/language.ts';
import {
  type CompileOptions,
  deviceMissing,
  type Executor,
  type ExecutorOptions,
  type Program,
} from '../../exec/executor.ts';
import { HostDeviceTensor } from '../../exec/host-tensor.ts';
import type { Graph } from '../../ir/graph.ts';
import { optimise } from '../../passes/index.ts';
import { type Backend, type BackendName, type TensorFlow, tfjsMemory } from './backend.ts';
import { NATIVE_FUSED } from './kernels.ts';
import { libraryFile, openLibrary } from './library.ts';
import { NativeBackend } from './native.ts';
import { TfjsProgram, WeightStore } from './program.ts';
import { openWasm } from './wasm.ts';

// Finds and loads TensorFlow.js. A package with TensorFlow's own library, which may compute on a card, is used where a person has
// installed it, in Fettle's folder or in the one that FETTLE_TFJS_HOME names; else the library of that folder or of the TensorFlow pack.
// Where all are missing or do not load, their reasons are kept, and WebAssembly computes.

/** Why a package, or the TensorFlow pack, is not used: it was not found, or what it said when it was loaded. */
export interface Refusal {
  readonly package: string;
  readonly reason: string | null;
}

export interface Opened {
  readonly backend: Backend;
  readonly refusals: readonly Refusal[];
}

let opening: Promise<Opened> | null = null;

/**
 * TensorFlow.js for this process, loaded once: its threads are those of the first call. FETTLE_TFJS_BACKEND asks for one backend,
 * and fails where that is not to be had.
 */
export function openTensorFlow(threads: number): Promise<Opened> {
  opening ??= open(threads, process.env);
  return opening;
}

async function open(threads: number, env: NodeJS.ProcessEnv): Promise<Opened> {
  const wanted = wantedBackend(env.FETTLE_TFJS_BACKEND);
  const { backend, refusals } =
    wanted === 'wasm' ? { backend: null, refusals: [] } : openNative(threads, env);
  if (backend) return { backend, refusals };
  if (wanted === 'tensorflow') throw missing(refusals);
  return { backend: await openWasm(), refusals };
}

function wantedBackend(name: string | undefined): BackendName | null {
  if (!name) return null;
  if (name === 'tensorflow' || name === 'wasm') return name;
  throw new AppError(
    'tfjs-backend',
    `FETTLE_TFJS_BACKEND is "${name}", and TensorFlow.js has no such backend here.`,
    'Set it to tensorflow or wasm, or leave it out.',
  );
}

function openNative(threads: number, env: NodeJS.ProcessEnv) {
  prepareProcess(threads, env);
  const home = env.FETTLE_TFJS_HOME;
  const requires = [...(home ? [path.join(home, 'package.json')] : []), import.meta.url].map(createRequire);
  const ways: readonly Way[] = [...TENSORFLOW.packages.map((name) => packageWay(name, requires)), packWay()];
  const refusals: Refusal[] = [];
  for (const { name, load } of ways) {
    try {
      const tf = load?.();
      tf?.env().set('PROD', true);
      if (tf) return { backend: new NativeBackend(tf, threads), refusals };
      refusals.push({ package: name, reason: null });
    } catch (error) {
      refusals.push({ package: name, reason: describeError(error).trim() });
    }
  }
  return { backend: null, refusals };
}

/** A way to TensorFlow's library; `load` is null where it is not here. */
interface Way {
  readonly name: string;
  readonly load: (() => TensorFlow) | null;
}

function packageWay(name: string, requires: readonly NodeJS.Require[]): Way {
  const found = requires.find((require) => isInstalled(require, name));
  return { name, load: found ? () => found(name) as TensorFlow : null };
}

function packWay(): Way {
  const file = libraryFile();
  return { name: 'the TensorFlow pack', load: file === null ? null : () => openLibrary(file) };
}

function isInstalled(require: NodeJS.Require, packageName: string): boolean {
  try {
    require.resolve(`${packageName}/package.json`);
    return true;
  } catch {
    return false;
  }
}

/** What must stand before the library is loaded. */
function prepareProcess(threads: number, env: NodeJS.ProcessEnv): void {
  // the package calls two functions that newer versions of Node warn of or no longer have
  const old = util as { isNullOrUndefined?: unknown; isArray?: unknown };
  old.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  old.isArray = Array.isArray;
  env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // take of a card's memory what is needed rather than all
  env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  env.TF_DETERMINISTIC_OPS ??= '1';
  env.TF_NUM_INTRAOP_THREADS = String(threads);
  env.TF_NUM_INTEROP_THREADS = '1';
}

function missing(refusals: readonly Refusal[]): AppError {
  const reasons = refusals.map(({ package: name, reason }) => `${name}: ${reason ?? 'not installed'}`);
  return new AppError(
    'tfjs-missing',
    `TensorFlow's library was asked for and is not to be had here. ${reasons.join('. ')}.`,
    'Get it with fettle devices get tensorflow (Linux x64), or install @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node in a folder and name that in FETTLE_TFJS_HOME, or leave FETTLE_TFJS_BACKEND out.',
  );
}

/**
 * Makes the executor; `threads` count for TensorFlow's own backend, the other one has one. Of graphics cards it knows only the one
 * that TensorFlow's library has found; another `device` is an `AppError('device-missing')`.
 */
export async function createTfjsExecutor({ threads, device }: ExecutorOptions): Promise<Executor> {
  const { backend } = await openTensorFlow(threads);
  if (device !== 'cpu' && device !== backend.device)
    throw deviceMissing(
      device,
      say`${backend.description} doesn't compute on it.`,
      say`Train on the processor.`,
    );
  const store = new WeightStore(backend);
  return {
    name: 'tfjs',
    keeps: 'host',
    device: backend.device,
    deviceWords: backend.description,
    fusedOperations: NATIVE_FUSED,
    tensor: (dtype, shape, data) => new HostDeviceTensor(dtype, shape, data),
    memoryOf: (graph) => tfjsMemory(graph, backend),
    async compile(graph: Graph, { weights }: CompileOptions = {}): Promise<Program> {
      const ready = optimise(graph, NATIVE_FUSED);
      return new TfjsProgram(ready, backend, await store.load(ready, weights));
    },
  };
}
