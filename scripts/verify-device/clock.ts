/** The time that a part has: what doesn't fit into it is left out by its name, never silently. */
export class Clock {
  readonly #ends: number;

  constructor(seconds: number) {
    this.#ends = performance.now() + 1000 * seconds;
  }

  get leftMs(): number {
    return this.#ends - performance.now();
  }

  /** Does `work` for one item after the other while another like the longest fits; gives the items that are left. */
  async each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<readonly Item[]> {
    let longest = 0;
    for (const [i, item] of items.entries()) {
      const before = this.leftMs;
      if (before <= longest) return items.slice(i);
      await work(item);
      longest = Math.max(longest, before - this.leftMs);
    }
    return [];
  }
}

/** What was not checked, and why. */
export interface SkippedFact {
  readonly kind: 'skipped';
  readonly what: string;
  readonly why: string;
  readonly error?: never;
}

export const NO_TIME = 'the time was up';

/** So much of `total` for each of these: what one doesn't use goes to those after it. */
export function shareOf<Name extends string>(
  left: number,
  name: Name,
  after: readonly Name[],
  weights: Readonly<Record<Name, number>>,
): number {
  const rest = after.reduce((sum, one) => sum + weights[one], 0);
  return Math.max(0, (left * weights[name]) / (weights[name] + rest));
}
