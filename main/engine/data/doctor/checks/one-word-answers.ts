/** One-word answers among long ones. Labels, numbers and yes or no are answers by themselves and never counted. */
import type { CorpusCheck, FindingKind } from '../finding.ts';
import { rowsWhere } from '../study.ts';

/** More such answers than this and short answers are what the rows are about. */
const MOST_SHARE = 0.2;
/** How many words a usual answer has where one word is odd. */
const USUAL_WORDS = 8;

const KIND: FindingKind = {
  code: 'one-word-answers',
  title: 'One-word answers among long ones',
  severity: 'warning',
  why: 'A few answers such as "ok" teach the model that an explanation is not always wanted, and it cannot know when.',
  rule: `One word that is neither a number, a letter, yes or no nor a label, where half of all answers have ${USUAL_WORDS} words or more and at most ${MOST_SHARE * 100} % are such words: with more of them, or with few different values, short answers are the task.`,
  fix: { name: 'one-word-answers', does: 'leaves these rows out', safe: false },
};

export const oneWordAnswers: CorpusCheck = {
  kind: KIND,
  conclude: ({ corpus, gone }) => {
    const { rows, isBareWord, answerWords, labels } = corpus;
    const flagged = rowsWhere(rows, (row) => gone[row] === 0 && isBareWord[row] === 1);
    const answers = rowsWhere(rows, (row) => gone[row] === 0 && answerWords[row]! > 0);
    if (flagged.length === 0 || flagged.length > MOST_SHARE * answers.length) return null;
    const lengths = Uint8Array.from(answers, (row) => answerWords[row]!).sort();
    const median = lengths[lengths.length >> 1]!;
    if (median < USUAL_WORDS || labels.tables().some(({ field }) => field === null)) return null;
    return {
      rows: flagged.length,
      examples: [...flagged.slice(0, 3)].map((row) => ({ row })),
      drop: flagged,
      detail: `Half of all answers have ${median === 255 ? '255 or more' : median} words or more.`,
    };
  },
};
