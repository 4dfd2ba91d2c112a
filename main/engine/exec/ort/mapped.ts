/**
 * The memory of this process with each page once: weights that several open programs have mapped from the same place of a file are
 * counted by the system for each of them, and exist once.
 */
import { peakResidentBytes } from '../../../proc.ts';
import type { Graph } from '../../ir/graph.ts';
import type { WeightSource } from '../executor.ts';

export class MappedWeights {
  readonly #mappings = new Map<string, number>();
  #againBytes = 0;
  #highest = 0;
  #peak = 0;

  /** Now, and at its peak as far as that is seen: where the system's own peak rises, and whenever this is asked. */
  memory(): { readonly now: number; readonly peak: number } {
    this.#look();
    const now = process.memoryUsage.rss() - this.#againBytes;
    this.#peak = Math.max(this.#peak, now);
    return { now, peak: this.#peak };
  }

  /** Counts what a program of `graph` maps, until the given function is called. */
  open(graph: Graph, weights: WeightSource | undefined): () => void {
    const places = [...graph.weights.keys()].flatMap((name) => {
      const location = weights?.(name);
      return location?.kind === 'file' ? [location] : [];
    });
    const count = (change: 1 | -1) => {
      this.#look();
      for (const { file, offset, bytes } of places) {
        const key = `${offset} ${file}`;
        const before = this.#mappings.get(key) ?? 0;
        this.#mappings.set(key, before + change);
        if (Math.max(before, before + change) > 1) this.#againBytes += change * bytes;
      }
    };
    count(1);
    return () => count(-1);
  }

  /** A peak that has risen since the last look was with the mappings of now. */
  #look(): void {
    const highest = peakResidentBytes();
    if (highest > this.#highest) this.#peak = Math.max(this.#peak, highest - this.#againBytes);
    this.#highest = highest;
  }
}
