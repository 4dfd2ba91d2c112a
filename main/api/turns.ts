/** Lets so many calls of a page work at once; the others wait for their turn, and go when the page does. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Gives what ends the turn. Rejects with the reason of `signal` where nobody waits for the call any more. */
  async take(signal?: AbortSignal): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((begin) => this.#waiting.push(begin));
    const end = () => {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    };
    if (!signal?.aborted) return end;
    end();
    throw signal.reason;
  }
}
