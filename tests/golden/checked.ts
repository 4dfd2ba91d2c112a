/** How much of the reference values is compared on an executor. */
import type { ExecutorName } from '../../main/engine/exec/registry.ts';
import * as extras from '../extras/traces.ts';
import { type Checked, WHOLE } from './case.ts';

/** On these families weights at rest in 16 bits lie as they are used, and transposed. */
const HALVES = ['llama', 'gpt2'];
/** The rate is 0 in the first step, so that two updates tell of themselves in the losses. */
const STEPS = 4;

/**
 * The traces that the tests take on an executor beside onnxruntime, which takes all of them to the end; so does `npm run golden`. They
 * prove the loop around a step, which is the same code on each: plain loops take
 * those with fewer steps that accumulate all weights, libraries that compile for seconds those whose program the gradients have.
 */
const TRACES = {
  reference: /^(full_accum|lora_dpo|full_orpo)$/,
  openvino: /^(lora|full)$/,
  ggml: /^(lora|full)$/,
  ...extras,
};

/**
 * What the tests compare on `executor`, or where these traces are taken. Of what is the same code on each, reading other spellings of a configuration and putting weights
 * at rest into a graph, onnxruntime proves the rest.
 */
export function checkedOn(executor: ExecutorName | RegExp): Checked {
  if (executor === 'ort') return WHOLE;
  const traces = executor instanceof RegExp ? executor : TRACES[executor];
  return {
    steps: (trace) => (traces.test(trace) ? STEPS : 0),
    hasVariants: false,
    hasHalves: (family) => HALVES.includes(family),
    // in bfloat16 losses are the sharper ones, and a program takes OpenVINO a second to compile
    hasEveryLogit: executor !== 'openvino',
    tokens: WHOLE.tokens,
  };
}

/**
 * Of a driver that computes on the processor, where a step takes seconds: every program of a family, what one update changes, and the
 * first tokens of answers. Updates and the loop around a step are the code of every executor.
 */
export const ONCE: Checked = {
  steps: (trace) => (trace === 'full' ? 3 : 0),
  hasVariants: false,
  hasHalves: (family) => HALVES.includes(family),
  hasEveryLogit: true,
  tokens: 4,
};
