/** The only place that knows concrete executors; each is loaded when it is asked for. */
import type { RunConfig } from '../../../common/settings/table.ts';
import { say } from '../../../common/words/language.ts';
import { type DeviceChoice, type DeviceName, deviceFor, deviceMissing } from './device.ts';
import type { Executor, ExecutorOptions } from './executor.ts';

type Open = (options: ExecutorOptions) => Promise<Executor>;

const EXECUTORS = {
  ort: async (options: ExecutorOptions) => {
    (await import('./ort/nvidia-pack.ts')).loadBesidePack();
    return (await import('./ort/ort-executor.ts')).createOrtExecutor(options);
  },
  openvino: async (options: ExecutorOptions) =>
    (await import('./openvino/openvino-executor.ts')).createOpenvinoExecutor(options),
  reference: async (_: ExecutorOptions) =>
    (await import('./reference/reference-executor.ts')).createReferenceExecutor(),
  tfjs: async (options: ExecutorOptions) =>
    (await import('./tfjs/tfjs-executor.ts')).createTfjsExecutor(options),
} satisfies Readonly<Record<RunConfig['executor'], Open>>;

/** What WebGPU opens here, as onnxruntime would use it; to be asked in a process that may be lost. */
export async function webgpuAnswer() {
  (await import('./ort/nvidia-pack.ts')).loadBesidePack();
  return (await import('./ort/adapters.ts')).webgpuAnswer();
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
  { device: 'cuda', executor: 'ort' },
  { device: 'dml', executor: 'ort' },
];

/** Executors that none of these devices but the processor is for. */
const ON_PROCESSOR_ONLY: ReadonlySet<ExecutorName> = new Set(['reference', 'openvino']);

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
