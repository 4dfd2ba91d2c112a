/** How fast the last steps were. */
const RECENT_STEPS = 20;

export class Pace {
  readonly #recent: { readonly tokens: number; readonly seconds: number }[] = [];

  /** Notes a step of `tokens` that took `seconds`. */
  add(tokens: number, seconds: number): void {
    this.#recent.push({ tokens, seconds });
    if (this.#recent.length > RECENT_STEPS) this.#recent.shift();
  }

  /** Over the steps noted last; there must be one. */
  tokensPerSecond(): number {
    const sums = this.#recent.reduce((a, b) => ({
      tokens: a.tokens + b.tokens,
      seconds: a.seconds + b.seconds,
    }));
    return sums.tokens / sums.seconds;
  }

  /** The median of the steps noted last, the first one left out where there are others; null where there is none. */
  medianStepSeconds(): number | null {
    const steps = this.#recent.map(({ seconds }) => seconds);
    const usual = (steps.length > 1 ? steps.slice(1) : steps).sort((a, b) => a - b);
    return usual[Math.floor(usual.length / 2)] ?? null;
  }

  /** Seconds that a step takes; null until there is a second one. */
  secondsPerStep(): number | null {
    if (this.#recent.length < 2) return null;
    // the first step pays for memory that the others find in place
    const usual = this.#recent.slice(1);
    return usual.reduce((sum, { seconds }) => sum + seconds, 0) / usual.length;
  }
}
