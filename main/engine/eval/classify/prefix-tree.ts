/** Sequences that begin alike as a tree of their tokens, in which what they share stands once: a row of a batch for `nn/attention.ts`. */
import { assert } from '../../../../common/errors.ts';
import type { BatchLayout } from '../../data/batches/batch.ts';
import type { Ids } from './readings.ts';

/** How many tokens both begin with. */
export function commonLength(a: Ids, b: Ids): number {
  const end = Math.min(a.length, b.length);
  let count = 0;
  while (count < end && a[count] === b[count]) count++;
  return count;
}

/** By their tokens, so that sequences that begin alike come one after the other. */
export function byTokens(a: Ids, b: Ids): number {
  const shared = commonLength(a, b);
  return (a[shared] ?? -1) - (b[shared] ?? -1);
}

/** Its nodes are tokens, numbered depth first. */
export class PrefixTree {
  readonly #ids: number[] = [];
  readonly #parents: number[] = [];
  readonly #depths: number[] = [];
  /** The nodes of the last sequence. */
  #path: readonly number[] = [];

  get size(): number {
    return this.#ids.length;
  }

  /** Adds a sequence, which shares what it begins with with the one before; gives the nodes of its tokens. */
  add(ids: Ids): readonly number[] {
    const before = this.#path.map((node) => this.#ids[node]!);
    const path = this.#path.slice(0, commonLength(before, ids));
    for (let t = path.length; t < ids.length; t++) {
      this.#parents.push(path.at(-1) ?? -1);
      this.#depths.push(t);
      path.push(this.#ids.push(ids[t]!) - 1);
    }
    this.#path = path;
    return path;
  }

  /** Lays it out from place `start` of a batch on, each token a segment that continues those before it. */
  place(
    {
      rowLength,
      tokens,
      positions,
      segments,
      until,
    }: Pick<BatchLayout, 'rowLength' | 'tokens' | 'positions' | 'segments' | 'until'>,
    start: number,
  ): void {
    assert(this.size <= rowLength, `a tree of ${this.size} tokens in a row of ${rowLength}`);
    tokens.set(this.#ids, start);
    positions.set(this.#depths, start);
    for (let node = this.size - 1; node >= 0; node--) {
      segments[start + node] = node;
      // what continues a node has a larger number
      const last = Math.max(node, until![start + node]!);
      until![start + node] = last;
      const parent = this.#parents[node]!;
      if (parent >= 0) until![start + parent] = Math.max(last, until![start + parent]!);
    }
  }
}
