/** Answers that say nothing: empty ones, and the words that databases and exports put where nothing was. */
import type { LooseTurn } from '../../loose-row.ts';
import type { FindingKind, RowCheck } from '../finding.ts';
import { answersOf } from '../row-parts.ts';

const KIND: FindingKind = {
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
  kind: KIND,
  find: ({ row }) => {
    const answer = answersOf(row).find((turn) => isEmptyAnswer(turn));
    return answer === undefined ? null : { text: answer.content.trim() || '(nothing)', at: 0 };
  },
  mend: (row) => (answersOf(row).some((turn) => isEmptyAnswer(turn)) ? null : row),
};

/** Whether an answer says nothing. */
export function isEmptyAnswer({ content }: Pick<LooseTurn, 'content'>): boolean {
  const text = content.trim();
  if (text === '') return true;
  if (text.length > 40) return false;
  return NOTHING.test(text) || (ONLY_MARKS.test(text) && !ANSWERS.test(text));
}
