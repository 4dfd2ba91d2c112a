/**
 * Opens ONNX models whose weights lie in other files. onnxruntime accepts only relative paths that stay inside the
 * working directory of a model given as bytes, so the session is created with the root of the file system as that.
 */
import fs from 'node:fs';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { internal } from '../../../../common/errors.ts';
import type { HostArray } from '../../ir/dtype.ts';
import type { ExecutorOptions } from '../executor.ts';
import type { ExportedModel } from '../onnx/onnx-export.ts';
import { providerOf } from './providers.ts';

/** Sessions are created one at a time, because each changes the working directory for a moment. */
let lastCreation: Promise<unknown> = Promise.resolve();

/** A session of the model that `build` makes, its outputs in `locations`, with the weights that must be fed to it. */
export async function openModel(
  build: (locate: (file: string) => string) => ExportedModel,
  options: SessionSettings,
  locations?: Readonly<Record<string, 'cpu' | 'gpu-buffer'>>,
): Promise<{ session: ort.InferenceSession; fedWeights: ReadonlyMap<string, HostArray> }> {
  const roots = new Set<string>();
  const { bytes, fedWeights } = build(locator(roots));
  if (roots.size > 1) throw internal(`weights lie on several drives: ${[...roots].join(', ')}`);
  const settings = { ...sessionOptions(options), ...(locations && { preferredOutputLocation: locations }) };
  const create = () => createIn([...roots][0] ?? null, bytes, settings);
  const creation = lastCreation.then(create, create);
  lastCreation = creation;
  return { session: await creation, fedWeights };
}

/** Paths relative to the root of the file system, links resolved; the roots met are collected. */
function locator(roots: Set<string>): (file: string) => string {
  const known = new Map<string, string>();
  return (file) => {
    const seen = known.get(file);
    if (seen !== undefined) return seen;
    const real = fs.realpathSync(file);
    const { root } = path.parse(real);
    roots.add(root);
    const relative = path.relative(root, real).replaceAll(path.sep, '/');
    known.set(file, relative);
    return relative;
  };
}

async function createIn(
  root: string | null,
  bytes: Uint8Array,
  options: ort.InferenceSession.SessionOptions,
): Promise<ort.InferenceSession> {
  if (root === null) return ort.InferenceSession.create(bytes, options);
  const before = process.cwd();
  process.chdir(root);
  try {
    return await ort.InferenceSession.create(bytes, options);
  } finally {
    process.chdir(before);
  }
}

/** `profilePrefix`: onnxruntime writes the time of every operation to a file whose path begins with this. */
export interface SessionSettings extends ExecutorOptions {
  readonly profilePrefix?: string;
}

/** How every session of this executor is set up. */
export function sessionOptions({
  threads,
  device,
  wholeOnDevice,
  profilePrefix,
}: SessionSettings): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [providerOf(device).device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // a pattern reserves one block for all values beside the arena that the first run has filled: twice the memory
    enableMemPattern: false,
    // the arena grows by doubling and keeps all; malloc, where it was told to keep its pages, needs a quarter less
    enableCpuMemArena: process.env.MALLOC_TRIM_THRESHOLD_ === undefined,
    // the passes have done what onnxruntime's optimizer would do, and the order of nodes must stay as written
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
    ...(profilePrefix !== undefined && { enableProfiling: true, profileFilePrefix: profilePrefix }),
    extra: {
      session: {
        disable_prepacking: '1',
        // between runs threads would spin beside the update, which other threads share
        force_spinning_stop: '1',
        // the processor has kernels for all that is written: looking for functions to expand is a tenth of a session's creation
        ...(device === 'cpu' && { disable_aot_function_inlining: '1' }),
        ...(wholeOnDevice && { disable_cpu_ep_fallback: '1' }),
      },
    },
  };
}
