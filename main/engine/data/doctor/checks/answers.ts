/** Answers that say nothing, one-word answers among long ones, and answers that the length limit cuts. */
import type { LooseTurn } from '../../rows/loose-row.ts';
import type { CorpusCheck, FindingKind, RowCheck } from '../finding.ts';
import { answersOf } from '../row-parts.ts';
import { rowsWhere } from '../study.ts';

const EMPTY: FindingKind = {
  code: 'empty-answers',
  title: 'Empty answers',
  severity: 'harm',
  why: 'The model learns that saying nothing is a good answer.',
  rule: 'The answer is empty, only punctuation, or a stand-in for a missing value such as null, NaN, N/A, TODO.',
  fix: { name: 'empty-answers', does: 'leaves these rows out', safe: true },
};

const NOTHING =
  /^(?:null|none|nan|n\/a|na|nil|undefined|todo|tbd|#n\/a|#value!|\(blank\)|\(empty\)|<empty>|\[deleted\]|\[removed\])\.?$/i;
const ONLY_MARKS = /^[\s.,;:!?…·•_–—"'`()[\]{}*-]*$/u;
/** Marks that are answers where they are all there is to say. */
const ANSWERS = /^(?:-|\?|!|\.|,|:|;|[([{}\])])$/;

export const emptyAnswers: RowCheck = {
  kind: EMPTY,
  find: ({ row }) => {
    const answer = answersOf(row).find((turn) => isEmptyAnswer(turn));
    return answer === undefined ? null : { text: answer.content.trim() || '(nothing)', at: 0 };
  },
  mend: (row) => (answersOf(row).some((turn) => isEmptyAnswer(turn)) ? null : row),
};

/** Whether an answer says nothing. */
function isEmptyAnswer({ content }: Pick<LooseTurn, 'content'>): boolean {
  const text = content.trim();
  if (text === '') return true;
  if (text.length > 40) return false;
  return NOTHING.test(text) || (ONLY_MARKS.test(text) && !ANSWERS.test(text));
}

/** More such answers than this and short answers are what the rows are about. */
const MOST_SHARE = 0.2;
/** How many words a usual answer has where one word is odd. */
const USUAL_WORDS = 8;

const ONE_WORD: FindingKind = {
  code: 'one-word-answers',
  title: 'One-word answers among long ones',
  severity: 'warning',
  why: 'A few answers such as "ok" teach the model that an explanation is not always wanted, and it cannot know when.',
  rule: `One word that is neither a number, a letter, yes or no nor a label, where half of all answers have ${USUAL_WORDS} words or more and at most ${MOST_SHARE * 100}% are such words: with more of them, or with few different values, short answers are the task.`,
  fix: { name: 'one-word-answers', does: 'leaves these rows out', safe: false },
};

export const oneWordAnswers: CorpusCheck = {
  kind: ONE_WORD,
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

const CUT: FindingKind = {
  code: 'cut-answers',
  title: 'Answers cut by the length limit',
  severity: 'warning',
  why: 'Training cuts a row at --max-length: the model learns answers without their end, and where the question alone is too long, nothing.',
  rule: 'With --model the tokens of the row are counted as training does. Without it they are estimated (about 4 characters a token, 1.5 in scripts without spaces, 2.5 in others than the Latin one), which is rarely off by more than a third. Running text is never cut: it is split.',
  fix: {
    name: 'cut-answers',
    does: 'leaves the rows out that do not fit; a larger --max-length keeps them',
    safe: false,
  },
};

export const cutAnswers: RowCheck = {
  kind: CUT,
  find: ({ row, isCut, tokens }) =>
    isCut ? { text: `${tokens} tokens: ${row.turns.at(-1)?.content.slice(-100) ?? ''}`, at: 0 } : null,
  mend: (row, measure) => (measure(row).isCut ? null : row),
};
