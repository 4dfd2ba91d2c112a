/** The micro-batches of rows that are tokenised section by section, as the training comes to them: an epoch here is a section in a pass. */
import type { Batch } from '../data/batches/batch.ts';
import type { Batches, Batching } from './batching.ts';

export class SectionedBatching implements Batches {
  readonly sections: number;
  readonly #open: (section: number) => Promise<Batching>;
  #batching: Batching;
  #section = 0;
  /** Micro-batches of the epochs that were entered, from the first on. */
  #counted: number[];

  /** `first`: the section from which a run begins; `open` gives another one, and closes the one before. */
  constructor(sections: number, first: Batching, open: (section: number) => Promise<Batching>) {
    this.sections = sections;
    this.#batching = first;
    this.#open = open;
    this.#counted = [first.batches(0)];
  }

  async enter(epoch: number): Promise<void> {
    const section = epoch % this.sections;
    if (section !== this.#section) {
      this.#batching = await this.#open(section);
      this.#section = section;
    }
    this.#counted[epoch] ??= this.#batching.batches(this.#pass(epoch));
  }

  get saved(): { readonly sectionBatches: readonly number[] } {
    return { sectionBatches: this.#counted };
  }

  resume(counted: readonly number[] = this.#counted): void {
    this.#counted = [...counted];
  }

  /** Of an epoch that was not entered yet: as many as the others have on average. */
  batches(epoch: number): number {
    const mean = () =>
      Math.round(this.#counted.reduce((sum, count) => sum + count, 0) / this.#counted.length);
    return this.#counted[epoch] ?? mean();
  }

  get isSplit() {
    return this.#batching.isSplit;
  }

  get tokensAtOnce() {
    return this.#batching.tokensAtOnce;
  }

  // Of the section that was entered last; only what is known of all sections is asked of others.

  plan(epoch: number) {
    return this.#batching.plan(this.#pass(epoch));
  }

  parts(epoch: number): number {
    return this.#batching.parts(this.#pass(epoch));
  }

  partsOf(epoch: number, first: number, end: number) {
    return this.#batching.partsOf(this.#pass(epoch), first, end);
  }

  shape(epoch: number) {
    return this.#batching.shape(this.#pass(epoch));
  }

  batch(epoch: number, part: number): Promise<Batch> {
    return this.#batching.batch(this.#pass(epoch), part);
  }

  #pass(epoch: number): number {
    return Math.floor(epoch / this.sections);
  }
}
