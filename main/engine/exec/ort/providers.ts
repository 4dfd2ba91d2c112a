/**
 * The providers that onnxruntime computes with on each device, and what they say when a device is not there, is lost or is full, as
 * errors that people can act on.
 */
import * as ort from 'onnxruntime-node';
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { bytesOf, describe, type Graph, type Value } from '../../ir/graph.ts';
import { type DeviceName, deviceMissing } from '../executor.ts';
import { type Dialect, ON_CPU } from '../onnx/lower.ts';
import { ON_WEBGPU } from './lower-gpu.ts';

// What differs between the providers of onnxruntime, in one table: which lowerings their kernels need, and where tensors live that are kept
// between runs. A device without a row cannot be used.

export interface Provider {
  /** Also its name in onnxruntime's own list. */
  readonly device: DeviceName;
  readonly dialect: Dialect;
  /** `host`: kept tensors are arrays of this process; `device`: outputs that stay on the device and are fed back. */
  readonly tensors: 'host' | 'device';
  /** Whether results are left where they were written and not copied (tensors.ts). */
  readonly isUnread?: boolean;
  /** What a single tensor may have at most; none where it is left out. */
  readonly largestBytes?: number;
  /** What to do where it cannot be used. */
  readonly hint: string;
}

const PROVIDERS: Readonly<Partial<Record<DeviceName, Provider>>> = {
  cpu: {
    device: 'cpu',
    dialect: ON_CPU,
    tensors: 'host',
    isUnread: true,
    hint: 'Install Fettle again.',
  },
  webgpu: {
    device: 'webgpu',
    dialect: ON_WEBGPU,
    tensors: 'device',
    // drivers of Vulkan give 2 GiB in one piece; what is larger than a shader may see at once onnxruntime cuts itself
    largestBytes: 2 ** 31 - 4,
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
  const has = ort.listSupportedBackends().some(({ name }) => name === device);
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

const NOT_THERE = /failed to get a webgpu (adapter|device)|no (suitable )?adapter|887A000[24]/i;
const LOST =
  /device (is |was )?lost|\[device[^\]]*\] is lost|devicelost|device[ _-](removed|hung)|VK_ERROR_DEVICE_LOST|887A000[567]|887A0020/i;
const FULL =
  /out of memory|outofmemory|8007000E|failed to allocate memory|VK_ERROR_OUT_OF|exceeds the (max|limit)|larger than.*(max|limit)|max(imum)?(Storage)?Buffer/i;

/** The part of a message that says something: without the line of code that found it, and without a stack. */
function said(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split('\n')[0]!
    .replace(/^.*? was false\. /, '')
    .trim();
}

/** The error to throw instead of `error`, which a session on `device` ended with; on the processor it stays as it is. */
export function deviceFailure(device: DeviceName, error: unknown): unknown {
  if (device === 'cpu' || error instanceof AppError) return error;
  const words = said(error);
  const options = { cause: error };
  if (NOT_THERE.test(words))
    return deviceMissing(device, say`no graphics card answers (${words}).`, providerOf(device).hint, error);
  if (LOST.test(words))
    return new AppError(
      'device-lost',
      say`The graphics card (${device}) was lost while computing: its driver was reset, or it was switched off (${words}).`,
      say`Resume from the last checkpoint. If it happens again, train on the processor.`,
      options,
    );
  if (FULL.test(words))
    return new AppError(
      'out-of-memory',
      say`The graphics card (${device}) has too little memory for this (${words}).`,
      say`Use shorter rows or fewer tokens at once, or train on the processor.`,
      options,
    );
  return new AppError(
    'device-failed',
    say`The graphics card (${device}) failed: ${words}`,
    say`Install the card's newest driver, or train on the processor. You can resume the run.`,
    options,
  );
}
