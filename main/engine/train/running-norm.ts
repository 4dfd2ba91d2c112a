/**
 * The norm of a gradient whose parts come one after the other, and each of which is used before the next is there. Gradients are clipped by
 * the norm of all of them, which is known at the end. Until then the parts to come are taken to be as long, beside those that are known, as they
 * were in the step before: from step to step a gradient changes its length more than its shape (docs/decisions/0035).
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

  /** The norm of all parts as far as it can be told with the next one, whose squares sum up to `squares`; never less than that of the known ones. */
  add(squares: number): number {
    this.#now.push(squares);
    const known = sum(this.#now);
    const before = this.#before ?? [];
    const same = sum(before.slice(0, this.#now.length));
    const toCome = sum(before.slice(this.#now.length));
    return Math.sqrt(known + toCome * (same > 0 ? known / same : 1));
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
