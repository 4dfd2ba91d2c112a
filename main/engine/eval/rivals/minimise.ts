/** Minimises a smooth convex function: L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5) with halved steps. */

const PAIRS = 8;
const MOST_ITERATIONS = 500;
/** A step must bring so much of what the slope promises (Armijo). */
const LEAST_GAIN = 1e-4;

/** The value at a point; writes the gradient there into `gradient`. */
export type Value = (at: Float64Array, gradient: Float64Array) => number;

/** Goes down from `start` until no part of the gradient is larger than `tolerance`, or no step helps any more. */
export function minimise(start: Float64Array, tolerance: number, value: Value): Float64Array {
  let at = start.slice();
  let gradient = new Float64Array(at.length);
  let here = value(at, gradient);
  const steps: { readonly moved: Float64Array; readonly turned: Float64Array; readonly curve: number }[] = [];
  for (let iteration = 0; iteration < MOST_ITERATIONS && largest(gradient) > tolerance; iteration++) {
    const direction = descent(gradient, steps);
    const slope = dot(direction, gradient);
    let length = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    const next = new Float64Array(at.length);
    const nextGradient = new Float64Array(at.length);
    let there = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 40; tries++, length /= 2) {
      for (let i = 0; i < at.length; i++) next[i] = at[i]! + length * direction[i]!;
      there = value(next, nextGradient);
      if (there <= here + LEAST_GAIN * length * slope) break;
    }
    if (!(there < here)) break;
    const moved = next.map((x, i) => x - at[i]!);
    const turned = nextGradient.map((g, i) => g - gradient[i]!);
    const curve = dot(moved, turned);
    if (curve > 0) steps.push({ moved, turned, curve });
    if (steps.length > PAIRS) steps.shift();
    [at, gradient, here] = [next, nextGradient, there];
  }
  return at;
}

/** The direction down that the last steps suggest. */
function descent(
  gradient: Float64Array,
  steps: readonly { readonly moved: Float64Array; readonly turned: Float64Array; readonly curve: number }[],
): Float64Array {
  const direction = gradient.map((g) => -g);
  const shares: number[] = [];
  for (const { moved, turned, curve } of steps.toReversed()) {
    const share = dot(moved, direction) / curve;
    shares.push(share);
    addTo(direction, turned, -share);
  }
  const last = steps.at(-1);
  const scale = last ? last.curve / dot(last.turned, last.turned) : 1;
  for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  for (const { moved, turned, curve } of steps)
    addTo(direction, moved, shares.pop()! - dot(turned, direction) / curve);
  return direction;
}

function addTo(to: Float64Array, of: Float64Array, times: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += times * of[i]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function largest(of: Float64Array): number {
  let most = 0;
  for (const x of of) most = Math.max(most, Math.abs(x));
  return most;
}
