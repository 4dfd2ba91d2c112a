/** What can compute, and what is to be known of each. */
import * as extras from '../extras/executors.ts';
import { say } from '../words/language.ts';
import type { ExecutorTraits } from './executor.ts';

const CORE = {
  ort: { title: 'onnxruntime', keepsHalves: true, sharesWeights: false },
  openvino: {
    title: 'OpenVINO',
    keepsHalves: false,
    sharesWeights: true,
    halfRefusal: () => say`{precision} f16 needs the executor ort; OpenVINO computes in bfloat16`,
  },
  ggml: {
    title: 'ggml',
    keepsHalves: true,
    sharesWeights: true,
    isApart: true,
    way: 'ggml',
  },
  reference: { title: 'plain loops', keepsHalves: true, sharesWeights: false },
} as const satisfies Readonly<Record<string, ExecutorTraits>>;

const ALL = { ...CORE, ...extras };
export type ExecutorName = keyof typeof ALL;
export const EXECUTORS: Readonly<Record<ExecutorName, ExecutorTraits>> = ALL;
export const EXECUTOR_NAMES = Object.keys(ALL) as readonly ExecutorName[];

/** Ways to graphics cards that lead through executors with libraries of their own. */
export type ExtraWay = Extract<(typeof ALL)[keyof typeof ALL], { way: string }>['way'];

/** The traits of `executor`; of one that computes elsewhere, such as PyTorch, those of plain loops. */
export function traitsOf(executor: string): ExecutorTraits {
  return Object.hasOwn(ALL, executor) ? EXECUTORS[executor as ExecutorName] : CORE.reference;
}

/** Ways to a card that a benchmark measures, and a plan takes where they are faster: a device of onnxruntime, and an executor. */
export const MEASURABLE = ['webgpu', 'ggml'] as const;
export type Measurable = (typeof MEASURABLE)[number];

interface Measured {
  readonly device: string;
  readonly executor: string;
}

export const isMeasurable = (way: string): way is Measurable => MEASURABLE.some((name) => name === way);

/** Where a benchmark of `name` computes. */
export function measuredPlace(name: Measurable): { device: string; executor: ExecutorName } {
  return name === 'ggml' ? { device: 'cpu', executor: name } : { device: name, executor: 'ort' };
}

/** What a benchmark calls that place; undefined where it measures none such. */
export function measurableAt({ device, executor }: Measured): Measurable | undefined {
  return MEASURABLE.find((name) => {
    const place = measuredPlace(name);
    return place.device === device && place.executor === executor;
  });
}

/** Of what a benchmark measured, the processor through onnxruntime. */
export function processorOf<One extends Measured>(devices: readonly One[]): One | undefined {
  return devices.find(({ device, executor }) => device === 'cpu' && executor === 'ort');
}

/** The executor that `way` leads through. */
export function executorOfWay(way: string): ExecutorName | undefined {
  return EXECUTOR_NAMES.find((name) => EXECUTORS[name].way === way);
}
