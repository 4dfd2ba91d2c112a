/** Weights that several open programs have mapped from the same place of a file: resident memory counts them each time, and they exist once. */
import type { Graph } from '../../ir/graph.ts';
import type { WeightSource } from '../executor.ts';

export class MappedWeights {
  readonly #mappings = new Map<string, number>();
  /** Bytes that are counted more than once now. */
  againBytes = 0;

  /** Counts what a program of `graph` maps, until the given function is called. */
  open(graph: Graph, weights: WeightSource | undefined): () => void {
    const places = [...graph.weights.keys()].flatMap((name) => {
      const location = weights?.(name);
      return location?.kind === 'file' ? [location] : [];
    });
    const count = (change: 1 | -1) => {
      for (const { file, offset, bytes } of places) {
        const key = `${offset} ${file}`;
        const before = this.#mappings.get(key) ?? 0;
        this.#mappings.set(key, before + change);
        if (Math.max(before, before + change) > 1) this.againBytes += change * bytes;
      }
    };
    count(1);
    return () => count(-1);
  }
}
