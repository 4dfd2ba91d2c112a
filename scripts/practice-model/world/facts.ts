/** Topics that are tables of facts: every row asked in several phrasings, always answered in the same words. */
import { pick } from '../draw.ts';
import { capital, choose, fill, type Row } from './text.ts';
import type { Random, Topic, Turn } from './types.ts';

export interface FactKind {
  readonly rows: readonly Row[];
  readonly questions: readonly string[];
  /** Must have no alternatives: one question, one answer. */
  readonly answer: string;
  readonly short?: string;
  /** How the same is asked about the next row: "And [a animal]?" */
  readonly follow?: string;
  /** How often a row of this kind is asked, against 1 for the others. */
  readonly weight?: number;
}

/** Kinds of facts from their texts and, in the same order, the rows that each asks about. */
export function kinds(
  texts: readonly Omit<FactKind, 'rows'>[],
  rows: readonly (readonly Row[])[],
): FactKind[] {
  if (texts.length !== rows.length) throw new Error(`${texts.length} texts for ${rows.length} tables`);
  return texts.map((text, i) => ({ ...text, rows: rows[i]! }));
}

/** Rows that have a value in each of these columns. */
export const having = (rows: readonly Row[], ...columns: string[]) =>
  rows.filter((row) => columns.every((column) => row[column] !== undefined));

/** Rows whose value in the column occurs only once, so that it can be asked backwards. */
export function unique(rows: readonly Row[], column: string): Row[] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row[column] ?? '', (counts.get(row[column] ?? '') ?? 0) + 1);
  return having(rows, column).filter((row) => counts.get(row[column] as string) === 1);
}

/** One question about one row. */
export function ask(kind: FactKind, row: Row, random: Random, question?: string): Turn {
  return {
    question: fill(question ?? pick(random, kind.questions), row, random),
    answer: fill(kind.answer, row, random),
    short: kind.short === undefined ? undefined : `${capital(fill(kind.short, row, random))}.`,
  };
}

/** A drawing of items by their weights. */
export function weighted<T>(items: readonly T[], weight: (item: T) => number): (random: Random) => T {
  const total = items.reduce((sum, item) => sum + weight(item), 0);
  return (random) => {
    let left = random() * total;
    for (const item of items) {
      left -= weight(item);
      if (left < 0) return item;
    }
    return items.at(-1) as T;
  };
}

/** A topic from its kinds of facts; a conversation asks the same about other rows, or two different things. */
export function factTopic(name: string, kinds: readonly FactKind[], weight = 1): Topic {
  const draw = weighted(kinds, (kind) => kind.rows.length * (kind.weight ?? 1));
  const turn = (random: Random) => {
    const kind = draw(random);
    return ask(kind, pick(random, kind.rows), random);
  };
  const talk = (random: Random) => {
    const kind = draw(random);
    if (!kind.follow) return [turn(random), turn(random)];
    const [first, ...rest] = someRows(kind.rows, random() < 0.4 ? 3 : 2, random);
    const next = rest.map((row) => ask(kind, row, random, choose(kind.follow as string, random)));
    return [ask(kind, first as Row, random), ...next];
  };
  return { name, weight, turn, talk };
}

/** Up to `count` different rows. */
function someRows(rows: readonly Row[], count: number, random: Random): Row[] {
  const chosen = new Set<Row>();
  while (chosen.size < Math.min(count, rows.length)) chosen.add(pick(random, rows));
  return [...chosen];
}
