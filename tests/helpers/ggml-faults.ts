/** Allocations of ggml that fail where a test wants it, counted with what is given back. */
import type { Ggml } from '../../main/engine/exec/ggml/library.ts';

/** Counts what ggml is asked for and what is not given back, and refuses one of it. */
export class Faults {
  readonly #ggml: Ggml;
  readonly #before: Pick<
    Ggml,
    'context' | 'allocateAll' | 'newBuffer' | 'allocateGraph' | 'freeContext' | 'freeBuffer' | 'freeAllocator'
  >;
  #last = Number.POSITIVE_INFINITY;
  /** What was refused its memory: of a graph, its allocator. */
  #refused: unknown;
  asked = 0;
  kept = 0;

  constructor(ggml: Ggml) {
    const { context, allocateAll, newBuffer, allocateGraph, freeContext, freeBuffer, freeAllocator } = ggml;
    this.#ggml = ggml;
    this.#before = { context, allocateAll, newBuffer, allocateGraph, freeContext, freeBuffer, freeAllocator };
    const given = (allocate: (...args: unknown[]) => unknown) =>
      ((...args: unknown[]) => {
        if (this.asked++ === this.#last) {
          this.#refused = args[0];
          return null;
        }
        const made = allocate(...args);
        this.kept += made ? 1 : 0;
        return made;
      }) as Ggml['context'];
    const back = (free: (...args: unknown[]) => unknown) =>
      ((...args: unknown[]) => {
        this.kept--;
        return free(...args);
      }) as Ggml['context'];
    Object.assign(ggml, {
      context: given(context),
      allocateAll: given(allocateAll),
      newBuffer: given(newBuffer),
    });
    Object.assign(ggml, { freeContext: back(freeContext), freeBuffer: back(freeBuffer) });
    // a failed allocator is given back, too, by who made it
    Object.assign(ggml, {
      allocateGraph: given(allocateGraph),
      freeAllocator: (...args: unknown[]) => {
        this.kept -= args[0] === this.#refused ? 0 : 1;
        return freeAllocator(...args);
      },
    });
  }

  failAt(place: number): void {
    [this.asked, this.#last] = [0, place];
  }

  restore(): void {
    Object.assign(this.#ggml, this.#before);
  }
}
