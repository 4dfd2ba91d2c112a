/**
 * What differs between the providers of onnxruntime, in one table: what each is called, how its sessions are set up, which lowerings its
 * kernels need, and where tensors live that are kept between runs. A device without a row cannot be used.
 */
import * as ort from 'onnxruntime-node';
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { bytesOf, describe, type Graph, type Value } from '../../ir/graph.ts';
import { type DeviceName, deviceMissing } from '../device.ts';
import { type Dialect, ON_CPU } from '../onnx/lower.ts';
import { ON_CUDA, ON_WEBGPU } from './lower-gpu.ts';
import { loadCuda } from './nvidia-pack.ts';

export interface Provider {
  readonly device: DeviceName;
  /** Its name in onnxruntime's own list. */
  readonly name: string;
  /** Session options besides those that all providers share. */
  readonly options: ort.InferenceSession.SessionOptions;
  readonly dialect: Dialect;
  /** `host`: kept tensors are arrays of this process; `device`: outputs that stay on the device and are fed back. */
  readonly tensors: 'host' | 'device';
  /** Whether results are left where they were written and not copied (outputs.ts). */
  readonly isUnread?: boolean;
  /** What a single tensor may have at most; none where it is left out. */
  readonly largestBytes?: number;
  /** What to do where it cannot be used. */
  readonly hint: string;
  /** What must be loaded before its first session. Throws an AppError where that is not there. */
  readonly prepare?: () => void;
}

const PROVIDERS: Readonly<Partial<Record<DeviceName, Provider>>> = {
  cpu: {
    device: 'cpu',
    name: 'cpu',
    options: {},
    dialect: ON_CPU,
    tensors: 'host',
    isUnread: true,
    hint: 'Install Fettle again.',
  },
  webgpu: {
    device: 'webgpu',
    name: 'webgpu',
    options: {},
    dialect: ON_WEBGPU,
    tensors: 'device',
    // drivers of Vulkan give 2 GiB in one piece; what is larger than a shader may see at once onnxruntime cuts itself
    largestBytes: 2 ** 31 - 4,
    hint: 'Install the newest driver of the graphics card, or train on the processor.',
  },
  // onnxruntime-node keeps tensors on the device for WebGPU alone: for these two, state is copied to the device and back at each run
  cuda: {
    device: 'cuda',
    name: 'cuda',
    options: {},
    dialect: ON_CUDA,
    tensors: 'host',
    hint: 'See what is missing on the page “Your computer”, or train on the processor.',
    prepare: loadCuda,
  },
  dml: {
    device: 'dml',
    name: 'dml',
    options: {},
    dialect: ON_CPU,
    tensors: 'host',
    hint: 'Install the newest driver of the graphics card, or train on the processor.',
  },
};

const onTheCpu = () => say`Train on the processor.`;

/** What is known of the provider for `device`, whether it is here or not. Throws `AppError('device-missing')` where Fettle knows none. */
export function describedProvider(device: DeviceName): Provider {
  const provider = PROVIDERS[device];
  if (!provider) throw deviceMissing(device, say`Fettle doesn't compute on it yet.`, onTheCpu());
  return provider;
}

/** The provider for `device`. Throws `AppError('device-missing')` where this onnxruntime has none. */
export function providerOf(device: DeviceName): Provider {
  const provider = describedProvider(device);
  const has = ort.listSupportedBackends().some(({ name }) => name === provider.name);
  if (!has) {
    const kind = `${process.platform}-${process.arch}`;
    throw deviceMissing(device, say`Fettle's program for ${kind} doesn't support it.`, onTheCpu());
  }
  return provider;
}

/** Devices that have a row. */
export const PROVIDED_DEVICES = Object.keys(PROVIDERS) as readonly DeviceName[];

/** Throws `AppError('device-unsupported')` that names the largest tensor of `graph` where it is beyond what `provider` takes. */
export function checkLargest(graph: Graph, { device, largestBytes }: Provider): void {
  if (largestBytes === undefined) return;
  const values: Value[] = [
    ...graph.weights.values(),
    ...graph.inputs.values(),
    ...graph.nodes.map(({ output }) => output),
  ];
  const largest = values.reduce<Value | null>(
    (most, value) => (most && bytesOf(most) >= bytesOf(value) ? most : value),
    null,
  );
  if (!largest || bytesOf(largest) <= largestBytes) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
  const isWeight = largest.source.kind === 'weight';
  throw new AppError(
    'device-unsupported',
    isWeight
      ? say`A weight of the model needs ${gigabytes(bytesOf(largest))} in one piece. The graphics card (${device}) allows ${gigabytes(largestBytes)}: ${describe(largest)}.`
      : say`A step needs ${gigabytes(bytesOf(largest))} in one piece. The graphics card (${device}) allows ${gigabytes(largestBytes)}.`,
    isWeight
      ? say`Choose a smaller model, or train on the processor.`
      : say`Use shorter rows or fewer tokens at once, or train on the processor.`,
  );
}
