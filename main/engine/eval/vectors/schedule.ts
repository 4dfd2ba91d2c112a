/** How the steps of an encoder's training update it. */

export const ADAMW = { weightDecay: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, maxNorm: 1 };
const WARMUP = 0.1;

/** The learning rate rises over the first steps, then falls to zero. */
export function rateAt(peak: number, step: number, steps: number): number {
  const warm = Math.ceil(WARMUP * steps);
  return step < warm ? (peak * (step + 1)) / warm : (peak * (steps - step)) / Math.max(1, steps - warm);
}

/** Whether a training ends before `step` with what it has learned. Throws the signal's reason where that is nothing. */
export function isStopped(step: number, stop: AbortSignal): boolean {
  if (step === 0) stop.throwIfAborted();
  return stop.aborted;
}
