/**
 * Rows that repeat an earlier one, exactly or nearly, the same question with different answers, and held-out rows among the training rows.
 */

import { usualHeldOut } from '../../../../common/settings/rows.ts';
import { number, plural } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import { Bits, type RowNumbers } from '../../compact.ts';
import { splitRows } from '../../split.ts';
import { type Corpus, MOST_SIGNED_ROWS } from '../corpus.ts';
import {
  type Conclusion,
  type CorpusCheck,
  type FindingKind,
  firstRows,
  type Pair,
  rowsWhere,
  type Study,
  type StudySettings,
} from '../finding.ts';
import { NEAR } from '../minhash.ts';

const EXACT: FindingKind = {
  code: 'exact-duplicates',
  title: 'Duplicate rows',
  severity: 'warning',
  why: 'A repeated row counts more, and the model memorises it.',
  rule: 'The same roles and texts as an earlier row, spaces at the ends aside.',
  fix: {
    name: 'exact-duplicates',
    does: 'Remove duplicates',
    safe: true,
  },
};

export const exactDuplicates: CorpusCheck = {
  kind: EXACT,
  conclude: ({ corpus, firstEqual }) => {
    const copies = rowsWhere(corpus.rows, (row) => firstEqual.at(row) !== row);
    if (copies.length === 0) return null;
    const examples = [...copies.slice(0, 3)].map((row) => ({
      row,
      beside: { row: firstEqual.at(row), of: 'data' as const },
    }));
    return { rows: copies.length, examples, drop: copies };
  },
};

const NEARLY_EQUAL: FindingKind = {
  code: 'near-duplicates',
  title: 'Nearly equal rows',
  severity: 'warning',
  why: 'They teach little that is new and make test results look better than they are.',
  rule: `At least ${NEAR * 100}% of the pieces of 5 letters in common with an earlier row (case, spacing and punctuation aside), as MinHash estimates it with 128 lanes (standard error 3 percentage points). Answers must have the same words, and texts below 600 characters the same numbers: another answer or number is another question. Rows with fewer than 24 pieces are only compared whole.`,
  fix: {
    name: 'near-duplicates',
    does: 'Keep one of each group',
    safe: false,
  },
};

export const nearDuplicates: CorpusCheck = {
  kind: NEARLY_EQUAL,
  conclude: (study) => {
    const { corpus, firstEqual } = study;
    const near = nearRows(study);
    const unseen =
      corpus.rows > MOST_SIGNED_ROWS && say`Only the first ${number(MOST_SIGNED_ROWS)} rows were compared.`;
    if (near.length === 0) return unseen ? { rows: 0, examples: [], detail: unseen, severity: 'note' } : null;
    // copies have the words of the first one
    const reworded = near.filter(
      (row) => corpus.words.at(firstEqual.at(row)) !== corpus.words.at(study.leaderOf(row)),
    );
    const detail = [
      reworded.length > 0 &&
        say`In ${reworded.length} of these rows, only a word differs. If that word matters, keep them.`,
      unseen,
    ].filter(Boolean);
    return {
      rows: near.length,
      // those first that a person must judge
      examples: [...(reworded.length > 0 ? reworded : near).slice(0, 3)].map((row) => ({
        row,
        beside: { row: study.leaderOf(row), of: 'data' as const },
      })),
      drop: near,
      ...(detail.length > 0 && { detail: detail.join(marks().gap) }),
    };
  },
};

/** Rows that nearly repeat an earlier one; its exact copies are not among them, copies of a near one are. */
function nearRows(study: Study): Uint32Array {
  const { corpus, firstEqual } = study;
  return rowsWhere(corpus.rows, (row) => study.leaderOf(row) !== firstEqual.at(row));
}

/** Where half of the answers have more words than this, several of them can be right. */
const VALUE_WORDS = 8;

const INSTEAD = {
  name: 'conflicting-questions',
  does: 'Remove all rows of these questions',
};

const CONFLICT: FindingKind = {
  code: 'conflicting-answers',
  title: 'Different answers to one question',
  severity: 'harm',
  why: "The model can't learn both answers, so which one it gives is chance.",
  rule: `Equal questions (case, spacing and marks at the ends aside; the whole conversation before the last answer) with unequal answers. Only a warning where half of these answers have more than ${VALUE_WORDS} words: free text can be right in several ways.`,
  fix: {
    name: 'conflicting-answers',
    does: 'Keep the most frequent answer',
    safe: false,
    instead: INSTEAD,
  },
};

export const conflictingAnswers: CorpusCheck = {
  kind: CONFLICT,
  conclude: (study) => {
    const groups = conflictingGroups(study);
    if (groups.length === 0) return null;
    const drop: number[] = [];
    const words: number[] = [];
    for (const group of groups) {
      const kept = commonestAnswer(study, group);
      for (const row of group) {
        if (answerOf(study, row) !== kept) drop.push(row);
        words.push(study.corpus.answerWords(row));
      }
    }
    words.sort((a, b) => a - b);
    return {
      rows: words.length,
      examples: groups.slice(0, 3).map((group) => examplePair(study, group)),
      drop: Uint32Array.from(drop).sort(),
      detail: say`${plural(groups.length, 'question')} with more than one answer.`,
      ...(words[words.length >> 1]! > VALUE_WORDS && { severity: 'warning' as const }),
    };
  },
};

/** The other fix of the same finding. */
export const conflictingQuestions: CorpusCheck = {
  kind: { ...CONFLICT, fix: { ...INSTEAD, safe: false } },
  conclude: (study) => {
    const rows = conflictingGroups(study).flat();
    return rows.length === 0
      ? null
      : { rows: rows.length, examples: [], drop: Uint32Array.from(rows).sort() };
  },
};

function answerOf({ corpus: { answer } }: Study, row: number): number {
  return answer.at(2 * row + 1) * 2 ** 21 + (answer.at(2 * row) >>> 11);
}

/** The rows of each question that has several answers, groups and rows in the order of the file. */
function conflictingGroups(study: Study): number[][] {
  const { corpus, gone } = study;
  const first = firstRows(corpus.question, (row, low) => gone[row] === 1 || low === 0);
  /** The first rows with questions that have several. */
  const conflicting = new Bits(corpus.rows);
  for (let row = 0; row < corpus.rows; row++) {
    const asked = first.at(row);
    if (asked !== row && answerOf(study, asked) !== answerOf(study, row)) conflicting.add(asked);
  }
  const groups = new Map<number, number[]>();
  for (let row = 0; row < corpus.rows; row++) {
    const asked = first.at(row);
    if (asked === row && conflicting.has(row)) groups.set(row, [row]);
    else groups.get(asked)?.push(row);
  }
  first.close();
  return [...groups.values()];
}

function commonestAnswer(study: Study, group: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const row of group) {
    const answer = answerOf(study, row);
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  // a Map keeps the order of insertion and sort is stable: the earliest wins among equals
  return [...counts].sort(([, a], [, b]) => b - a)[0]![0];
}

function examplePair(study: Study, group: readonly number[]) {
  const [row] = group;
  const other = group.find((one) => answerOf(study, one) !== answerOf(study, row!))!;
  return { row: other, beside: { row: row!, of: 'data' as const } };
}

// With a file of its own for held-out rows both are compared; without one the rows are split as a run would do it.

/** Fewer leaking rows than this move the held-out score by less than its own margin. */
const MILD_SHARE = 0.05;

const KIND: FindingKind = {
  code: 'leaks',
  title: 'Test rows also used for training',
  severity: 'harm',
  why: 'The model has seen these test rows, so its result looks better than it is.',
  rule: 'A held-out row equals a training row, or nearly so by the rule of near duplicates. Without --eval-data the rows are split with the seed and share given, by their content: which rows a run holds out may differ, how many leak hardly does. Less than 5% of the held-out rows are only a warning.',
  fix: {
    name: 'leaks',
    does: 'Remove them from the training rows',
    safe: true,
  },
};

export const leaks: CorpusCheck = {
  kind: KIND,
  conclude: (study) =>
    study.evaluation ? leaksInto(study, study.evaluation) : leaksOfSplit(study, study.settings),
};

function leaksInto(study: Study, evaluation: Study): Conclusion | null {
  const { corpus, gone } = study;
  const index = evaluation.leaderIndex();
  const touched = new Map<number, number>();
  const drop: number[] = [];
  let reworded = 0;
  for (let row = 0; row < corpus.rows; row++) {
    if (gone[row]) continue;
    const held = index.find(corpus, row);
    if (held < 0) continue;
    if (isSame(corpus, row, evaluation.corpus, held)) drop.push(row);
    else reworded++;
    const leader = evaluation.leaderOf(held);
    if (!touched.has(leader)) touched.set(leader, row);
  }
  if (drop.length + reworded === 0) return null;
  let rows = 0;
  for (let held = 0; held < evaluation.corpus.rows; held++)
    if (touched.has(evaluation.leaderOf(held))) rows++;
  const examples = [...touched].slice(0, 3).map(([held, row]): Pair => {
    return { row, beside: { row: held, of: 'eval' } };
  });
  const repeated = say`${rows} of ${evaluation.corpus.rows} test rows are in the training data; ${drop.length} training rows repeat them.`;
  const kept = say`${reworded} more differ in one word. The fix keeps them.`;
  return {
    rows: drop.length + reworded,
    examples,
    ...(drop.length > 0 && { drop: Uint32Array.from(drop) }),
    detail: reworded > 0 ? `${repeated} ${kept}` : repeated,
  };
}

/** Whether a row equals a held-out one, or has the same words: of rows beyond the first million only equal ones are found. */
function isSame(corpus: Corpus, row: number, other: Corpus, held: number): boolean {
  const isEqual = [0, 1].every(
    (word) => corpus.content.at(2 * row + word) === other.content.at(2 * held + word),
  );
  return isEqual || corpus.words.at(row) === other.words.at(held);
}

function leaksOfSplit(study: Study, settings: StudySettings): Conclusion | null {
  const { corpus, firstEqual } = study;
  const { heldOut = usualHeldOut(corpus.rows), seed } = settings;
  if (heldOut === 0 || (heldOut >= 1 && heldOut >= corpus.rows)) return null;
  const split = splitRows(corpus.rows, { heldOut, seed, hashes: corpus.splitHashes });
  /** The leaders of training rows. */
  const trained = new Bits(corpus.rows);
  for (const row of split.train) trained.add(study.leaderOf(row));
  const leaking = split.heldOut.filter((row) => trained.has(study.leaderOf(row)));
  if (leaking.length === 0) return null;
  const first = leaking.filter((row) => firstEqual.at(row) === row).slice(0, 3);
  const besides = firstLedBy(
    study,
    split.train,
    [...first].map((row) => study.leaderOf(row)),
  );
  const examples = [...first].map((row, i): Pair => ({ row, beside: { row: besides[i]!, of: 'data' } }));
  const detail = say`About ${leaking.length} of ${split.heldOut.length} test rows nearly equal a training row. See the nearly equal rows.`;
  const isMild = leaking.length < MILD_SHARE * split.heldOut.length;
  return { rows: leaking.length, examples, detail, ...(isMild && { severity: 'warning' as const }) };
}

/** The first of `rows` that each of `leaders` leads. */
function firstLedBy(study: Study, rows: RowNumbers, leaders: readonly number[]): number[] {
  const found = new Map<number, number>();
  for (const row of rows) {
    const leader = study.leaderOf(row);
    if (leaders.includes(leader) && !found.has(leader)) found.set(leader, row);
    if (found.size === leaders.length) break;
  }
  return leaders.map((leader) => found.get(leader)!);
}
