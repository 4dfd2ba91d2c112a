/** Looks through rows that train vectors: leaves out what teaches nothing or the wrong thing, and says so. */
import { createHash } from 'node:crypto';
import type { VectorFinding } from '../../../../common/extras/find/vectors.ts';
import { plural } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { splitRows } from '../../../rows/split.ts';
import type { ReadRow } from './vector-rows.ts';

export interface CheckedRows {
  readonly taught: readonly ReadRow[];
  readonly held: readonly ReadRow[];
  readonly findings: readonly VectorFinding[];
}

/** Fewer rows show little of what belongs together. */
const FEW = 50;

/** Texts that differ in nothing else than case, spaces and punctuation have the same. */
function plainOf(text: string): string {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{P}\p{S}\s]+/gu, ' ')
    .trim();
  return plain === '' ? text : plain;
}

/** Gives each text the first spelling of those that are alike. */
function respell() {
  const first = new Map<string, string>();
  return (text: string): string => {
    const plain = plainOf(text);
    const known = first.get(plain) ?? text;
    first.set(plain, known);
    return known;
  };
}

/** `test`: rows of other files to measure with; else some of `rows` are held out, those of one query together. */
export function checkRows(
  rows: readonly ReadRow[],
  test: readonly ReadRow[] | null,
  { heldOut, seed }: { readonly heldOut?: number | undefined; readonly seed: number },
): CheckedRows {
  const findings: VectorFinding[] = [];
  const tell = (code: VectorFinding['code'], count: number, message: () => string) => {
    if (count > 0) findings.push({ code, rows: count, message: message() });
  };
  const spell = respell();
  const alike = ({ query, passage, negatives, ...more }: ReadRow): ReadRow => ({
    ...more,
    query: spell(query),
    passage: spell(passage),
    negatives: [...new Set(negatives.map(spell))],
  });
  const isGraded = rows.some(({ score }) => score !== null);
  const usable = rows.map(alike).filter(({ score }) => !isGraded || score !== null);
  const different = isGraded ? usable : usable.filter(({ query, passage }) => query !== passage);
  tell(
    'equal-texts',
    usable.length - different.length,
    () =>
      say`Left out: ${plural(usable.length - different.length, 'row')} whose passage is the query itself. They teach nothing.`,
  );
  const single = withoutRepeats(different);
  tell(
    'repeated',
    different.length - single.length,
    () => say`Left out: ${plural(different.length - single.length, 'row')} that repeat another one.`,
  );
  if (isGraded) {
    const contradicting = contradictions(single);
    tell(
      'contradictions',
      contradicting,
      () => say`${plural(contradicting, 'row')} have the texts of another row with another score.`,
    );
  }
  const { taught, held, leaked } = divided(single, test?.map(alike) ?? null, { heldOut, seed });
  tell(
    'leaks',
    leaked,
    () => say`Left out of training: ${plural(leaked, 'row')} whose query is a test query.`,
  );
  const cleaned = isGraded ? { rows: taught, wrong: 0 } : withoutWrongNegatives(taught);
  tell(
    'wrong-negatives',
    cleaned.wrong,
    () =>
      say`${plural(cleaned.wrong, 'row')} call a passage wrong that another row calls right. It is not taken as wrong.`,
  );
  if (!isGraded) {
    const several = severalAnswers(taught);
    tell(
      'several-answers',
      several,
      () =>
        say`${plural(several, 'row')} share their query with other passages. None of these counts as wrong.`,
    );
    const passages = new Set(taught.map(({ passage }) => passage));
    const known = held.filter(({ passage }) => passages.has(passage)).length;
    tell(
      'known-passages',
      known,
      () => say`${plural(known, 'test row')} ask for a passage that training rows ask for, too.`,
    );
  }
  tell(
    'few',
    taught.length < FEW ? taught.length : 0,
    () =>
      say`Only ${plural(taught.length, 'row')} to learn from. 500 and more show clearly what belongs together.`,
  );
  return { taught: cleaned.rows, held, findings };
}

const keyOf = ({ query, passage, score }: ReadRow) => JSON.stringify([query, passage, score]);

/** Rows that are equal become one, with the negatives of all. */
function withoutRepeats(rows: readonly ReadRow[]): ReadRow[] {
  const same = Map.groupBy(rows, keyOf);
  return [...same.values()].map((all) => ({
    ...all[0]!,
    negatives: [...new Set(all.flatMap(({ negatives }) => negatives))],
  }));
}

function contradictions(rows: readonly ReadRow[]): number {
  const pairs = Map.groupBy(rows, ({ query, passage }) => JSON.stringify([query, passage].sort()));
  const other = [...pairs.values()].filter((all) => new Set(all.map(({ score }) => score)).size > 1);
  return other.reduce((sum, all) => sum + all.length - 1, 0);
}

function divided(
  rows: readonly ReadRow[],
  test: readonly ReadRow[] | null,
  { heldOut, seed }: { readonly heldOut?: number | undefined; readonly seed: number },
) {
  if (test) {
    const asked = new Set(test.map(({ query }) => query));
    const taught = rows.filter(({ query }) => !asked.has(query));
    return { taught, held: withoutRepeats(test), leaked: rows.length - taught.length };
  }
  const hashes = Uint32Array.from(rows.flatMap(({ query }) => hashOf(plainOf(query))));
  const split = splitRows(rows.length, { heldOut, seed, hashes: [hashes] });
  const held = new Set(split.heldOut);
  return {
    taught: rows.filter((_, row) => !held.has(row)),
    held: rows.filter((_, row) => held.has(row)),
    leaked: 0,
  };
}

function hashOf(text: string): [low: number, high: number] {
  const hash = createHash('sha256').update(text).digest();
  return [hash.readUInt32LE(0), hash.readUInt32LE(4)];
}

/** The passages that answer each query. */
export function answersOf(rows: readonly ReadRow[]): Map<string, Set<string>> {
  return new Map(
    [...Map.groupBy(rows, ({ query }) => query)].map(([query, all]) => [
      query,
      new Set(all.map(({ passage }) => passage)),
    ]),
  );
}

function severalAnswers(rows: readonly ReadRow[]): number {
  const answers = answersOf(rows);
  return rows.filter(({ query }) => answers.get(query)!.size > 1).length;
}

function withoutWrongNegatives(rows: readonly ReadRow[]) {
  const answers = answersOf(rows);
  let wrong = 0;
  const cleaned = rows.map((row) => {
    const known = answers.get(row.query)!;
    const negatives = row.negatives.filter((text) => !known.has(text) && text !== row.query);
    if (negatives.length < row.negatives.length) wrong++;
    return { ...row, negatives };
  });
  return { rows: cleaned, wrong };
}
