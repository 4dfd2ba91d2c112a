/** The same question with different answers. */
import type { CorpusCheck, FindingKind } from '../finding.ts';
import { FirstRows } from '../first-rows.ts';
import type { Study } from '../study.ts';

/** Where half of the answers have more words than this, several of them can be right. */
const VALUE_WORDS = 8;

const INSTEAD = {
  name: 'conflicting-questions',
  does: 'leaves out all rows of such questions, for where nobody knows which answer is right',
};

const KIND: FindingKind = {
  code: 'conflicting-answers',
  title: 'The same question with different answers',
  severity: 'harm',
  why: 'The model cannot learn both: it ends between them, and which one it gives is chance.',
  rule: `Equal questions (case, spacing and marks at the ends aside; the whole conversation before the last answer) with unequal answers. Only a warning where half of these answers have more than ${VALUE_WORDS} words: free text can be right in several ways.`,
  fix: {
    name: 'conflicting-answers',
    does: 'keeps the rows with the commonest answer to each question (the earliest, where none is commoner) and leaves the others out',
    safe: false,
    instead: INSTEAD,
  },
};

export const conflictingAnswers: CorpusCheck = {
  kind: KIND,
  conclude: (study) => {
    const groups = conflictingGroups(study);
    if (groups.length === 0) return null;
    const drop: number[] = [];
    const words: number[] = [];
    for (const group of groups) {
      const kept = commonestAnswer(study, group);
      for (const row of group) {
        if (answerOf(study, row) !== kept) drop.push(row);
        words.push(study.corpus.answerWords[row]!);
      }
    }
    words.sort((a, b) => a - b);
    return {
      rows: words.length,
      examples: groups.slice(0, 3).map((group) => examplePair(study, group)),
      drop: Uint32Array.from(drop).sort(),
      detail: `${groups.length} ${groups.length === 1 ? 'question has' : 'questions have'} more than one answer.`,
      ...(words[words.length >> 1]! > VALUE_WORDS && { severity: 'warning' as const }),
    };
  },
};

/** The other fix of the same finding. */
export const conflictingQuestions: CorpusCheck = {
  kind: { ...KIND, fix: { ...INSTEAD, safe: false } },
  conclude: (study) => {
    const rows = conflictingGroups(study).flat();
    return rows.length === 0
      ? null
      : { rows: rows.length, examples: [], drop: Uint32Array.from(rows).sort() };
  },
};

function answerOf({ corpus: { answer } }: Study, row: number): number {
  return answer.high[row]! * 2 ** 21 + (answer.low[row]! >>> 11);
}

/** The rows of each question that has several answers, groups and rows in the order of the file. */
function conflictingGroups(study: Study): number[][] {
  const { corpus, gone } = study;
  const { low, high } = corpus.question;
  const known = new FirstRows(corpus.rows);
  const first = new Int32Array(corpus.rows).fill(-1);
  const groups = new Map<number, number[]>();
  for (let row = 0; row < corpus.rows; row++) {
    if (gone[row] || low[row] === 0) continue;
    first[row] = known.firstOf(low[row]!, high[row]!, row);
    if (answerOf(study, first[row]!) !== answerOf(study, row)) groups.set(first[row]!, []);
  }
  if (groups.size > 0) for (let row = 0; row < corpus.rows; row++) groups.get(first[row]!)?.push(row);
  return [...groups].sort(([a], [b]) => a - b).map(([, rows]) => rows);
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
