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
    isUntried: true,
    way: 'ggml',
    halfRefusal: () => say`{precision} f16 needs the executor ort; ggml computes in float32`,
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

/** The executor that `way` leads through. */
export function executorOfWay(way: string): ExecutorName | undefined {
  return EXECUTOR_NAMES.find((name) => EXECUTORS[name].way === way);
}
