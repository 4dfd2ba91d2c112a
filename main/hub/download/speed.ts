/** How fast bytes come, over the last seconds: long enough to be calm, short enough to notice that the line got slower. */

const WINDOW_MS = 10_000;
const SHORTEST_MS = 1000;

export class Speed {
  #samples: { readonly at: number; readonly bytes: number }[] = [];

  /** Notes that `bytes` are here at the time `at`, in milliseconds. */
  note(bytes: number, at: number): void {
    const last = this.#samples.at(-1);
    if (last && bytes < last.bytes) this.#samples = [];
    if (last && at - last.at < 100) return;
    this.#samples.push({ at, bytes });
    while (at - this.#samples[0]!.at > WINDOW_MS) this.#samples.shift();
  }

  /** Bytes a second at the time `at`; null until there is enough to tell. */
  perSecond(at: number): number | null {
    const first = this.#samples.find((sample) => at - sample.at <= WINDOW_MS);
    const last = this.#samples.at(-1);
    if (!first || !last || at - first.at < SHORTEST_MS) return null;
    return ((last.bytes - first.bytes) * 1000) / (at - first.at);
  }

  reset(): void {
    this.#samples = [];
  }
}
