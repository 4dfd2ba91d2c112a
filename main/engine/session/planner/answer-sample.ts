/** Answers drawn from rows as they are read, each row as likely as any other: they show what the rows teach. */
import { Rng, streamSeed } from '../../../rows/rng.ts';
import type { TrainingRow } from '../../../rows/schema.ts';
import { askedRow } from '../../eval/assess/prompts.ts';

/** As many as the assessment of a run looks at. */
const MOST_ROWS = 500;

export class AnswerSample {
  readonly #rng = Rng.fromSeed(streamSeed(0, 'answers'));
  readonly #thinking: Parameters<typeof askedRow>[1];
  /** Of a row without one (running text) null. */
  readonly #drawn: (string | null)[] = [];
  #seen = 0;

  constructor(thinking: Parameters<typeof askedRow>[1]) {
    this.#thinking = thinking;
  }

  add(row: TrainingRow): void {
    const place = this.#seen < MOST_ROWS ? this.#seen : this.#rng.below(this.#seen + 1);
    this.#seen++;
    if (place < MOST_ROWS) this.#drawn[place] = askedRow(row, this.#thinking)?.answer ?? null;
  }

  get drawn(): string[] {
    return this.#drawn.filter((answer) => answer !== null);
  }
}
