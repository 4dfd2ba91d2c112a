/**
 * The norm of a gradient whose parts come one after the other, and each of which is used before the next is there. Gradients are clipped by
 * the norm of all of them, which is known at the end; until then the parts to come are taken to be as long as in the step before (docs/decisions/0035).
 * A step that is far out shows in its first parts, which count as they are.
 */

export class RunningNorm {
  /** Sum of squares of each part in the step before; null where there was none. */
  #before: readonly number[] | null;
  #now: number[] = [];

  /** `saved`: what `saved` gave at the end of an earlier step. */
  constructor(saved: readonly number[] | null = null) {
    this.#before = saved;
  }

  /** Whether a step was measured yet: before that nothing is known of parts to come. */
  get isKnown(): boolean {
    return this.#before !== null;
  }

  /** What a checkpoint holds of it. */
  get saved(): readonly number[] | null {
    return this.#before;
  }

  /** The norm as it is known with the next part, whose squares sum up to `squares`. */
  add(squares: number): number {
    this.#now.push(squares);
    const toCome = this.#before?.slice(this.#now.length) ?? [];
    return Math.sqrt(sum(this.#now) + sum(toCome));
  }

  /** Ends a step. Returns the norm of all its parts. */
  end(): number {
    this.#before = this.#now;
    this.#now = [];
    return Math.sqrt(sum(this.#before));
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
