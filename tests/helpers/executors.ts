/** Which executors the tests compare with reference values, and how much of them. */
import { EXECUTOR_NAMES, type ExecutorName } from '../../main/engine/exec/registry.ts';

/** The executors that compute in float32, which exact values are expected of. OpenVINO rounds to bfloat16: tests/conformance/openvino.test.ts. */
export const EXACT_EXECUTORS = EXECUTOR_NAMES.filter((name) => name !== 'openvino');

/**
 * The traces of ten steps that the tests take on an executor; `npm run golden` takes all. They prove the loop around a step, which
 * is the same code on each, and onnxruntime takes them all: WebAssembly those without a norm between clipped and not, plain loops
 * the one with fewer steps that accumulates all weights, libraries that compile for seconds those whose program the gradients have.
 */
const TRACES: Readonly<Partial<Record<ExecutorName | 'tensorflow', RegExp>>> = {
  tfjs: /^(?!.*_mid$)/,
  reference: /^(full_accum|lora_dpo|full_orpo)$/,
  openvino: /^(lora|full)$/,
  tensorflow: /^(lora|full)$/,
};

/** Whether the tests take a trace on `executor`, by its name. */
export function tracesOn(executor: ExecutorName | 'tensorflow'): (trace: string) => boolean {
  return (trace) => TRACES[executor]?.test(trace) ?? true;
}
