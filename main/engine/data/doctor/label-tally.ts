/**
 * Whether answers are labels: a few values that come again and again, as a whole or as the fields of a JSON object.
 * Counts values only up to a limit, beyond which answers are free text and nothing is kept of them.
 */
import { caseless } from './words.ts';

const MOST_VALUES = 200;
const LONGEST_LABEL = 80;
const KEPT_ROWS = 3;
/** With fewer rows nobody can say whether values repeat. */
const FEWEST_ROWS = 20;
/** A label comes on average at least this often. */
const ROWS_PER_LABEL = 10;

export interface LabelCount {
  readonly value: string;
  rows: number;
  /** The first rows with it. */
  readonly examples: number[];
}

/** The values of one thing that answers say: the whole answer, or a field of it. */
export interface LabelTable {
  /** Name of the JSON field; null for the whole answer. */
  readonly field: string | null;
  /** Most rows first. */
  readonly values: readonly LabelCount[];
}

/** Values of one field; null once there are too many of them. */
type Tally = Map<string, LabelCount> | null;

export class LabelTally {
  #rows = 0;
  #objects = 0;
  #whole: Tally = new Map();
  readonly #fields = new Map<string, Tally>();

  /** Counts the answer of `row`. */
  add(row: number, answer: string): void {
    this.#rows++;
    const text = answer.trim();
    this.#whole = counted(this.#whole, text, row);
    const fields = fieldsOf(text);
    if (fields === null) return;
    this.#objects++;
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === 'object' || this.#fields.size > MOST_VALUES) continue;
      const known = this.#fields.get(name);
      this.#fields.set(name, counted(known === undefined ? new Map() : known, String(value), row));
    }
  }

  /** What is labelled in these rows; empty for free text. */
  tables(): LabelTable[] {
    if (this.#rows < FEWEST_ROWS) return [];
    const named = this.#objects > 0.9 * this.#rows ? [...this.#fields] : [[null, this.#whole] as const];
    return named.flatMap(([field, tally]) => {
      if (tally === null || tally.size < 2) return [];
      const values = [...tally.values()].sort((a, b) => b.rows - a.rows);
      const rows = values.reduce((sum, value) => sum + value.rows, 0);
      return values.length <= Math.max(2, rows / ROWS_PER_LABEL) ? [{ field, values }] : [];
    });
  }
}

function counted(tally: Tally, value: string, row: number): Tally {
  if (tally === null || value.length > LONGEST_LABEL) return null;
  const key = caseless(value);
  const known = tally.get(key);
  if (known === undefined) {
    if (tally.size >= MOST_VALUES) return null;
    tally.set(key, { value, rows: 1, examples: [row] });
    return tally;
  }
  known.rows++;
  if (known.examples.length < KEPT_ROWS) known.examples.push(row);
  return tally;
}

function fieldsOf(text: string): Record<string, unknown> | null {
  if (!text.startsWith('{') || text.length > 4096) return null;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
