/** A few steps of training a loss over whole texts, against the reference trace of the same steps. */
import { expect } from 'vitest';
import type { TrainState } from '../../main/engine/step/state.ts';
import type { Line } from './compare.ts';
import type { EncoderTrace, TraceSettings } from './encoder-case.ts';

/** Trains `state` as the trace was; `gradients` computes those of its parameters, and gives the mean loss over `count` texts. */
export async function traceLines(
  { steps, rate, weight_decay: weightDecay, max_norm: maxNorm }: TraceSettings,
  trace: EncoderTrace,
  state: TrainState,
  count: number,
  gradients: () => Promise<number>,
): Promise<Line[]> {
  const lines: Line[] = [];
  const line = (quantity: string, own: number, wanted: number, tolerance: number) =>
    lines.push({ quantity, worst: Math.abs(own - wanted), tolerance });
  const adam = { rate, weightDecay, maxNorm, beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  for (let i = 0; i < steps; i++) {
    line(`loss before step ${i + 1}`, await gradients(), trace.losses[i]!, 1e-4);
    line(`gradient norm of step ${i + 1}`, await state.update(adam, count), trace.grad_norms[i]!, 1e-3);
  }
  line('loss after', await gradients(), trace.after, 1e-3);
  await state.fetch(['param']);
  for (const [parameter, norm] of Object.entries(trace.parameter_norms))
    line(parameter, Math.hypot(...state.values(parameter)), norm, 1e-3 * Math.max(1, norm));
  const names = state.trainables.map(({ name }) => name);
  expect(Object.keys(trace.parameter_norms).toSorted()).toEqual(names.toSorted());
  return lines;
}
