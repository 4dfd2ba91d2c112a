/**
 * Turns that cannot be trained on, wrong roles or order, and answers that say nothing, are odd or are cut.
 */

import { AppError } from '../../../../common/errors.ts';
import { number } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import type { LooseRow, LooseTurn } from '../../loose-row.ts';
import { byWord, type Message, nextRole } from '../../messages.ts';
import { strictRow } from '../../schema.ts';
import type { Corpus } from '../corpus.ts';
import { type CorpusCheck, type FindingKind, type RowCheck, rowsWhere } from '../finding.ts';
import { answersOf } from '../row-parts.ts';

const UNUSABLE: FindingKind = {
  code: 'unusable-rows',
  title: 'Unusable rows',
  severity: 'harm',
  why: "Training skips these rows, so the model doesn't learn them.",
  rule: 'The row could not be read at all, or it has no question or another shape than the ones Fettle knows.',
  fix: {
    name: 'unusable-rows',
    does: 'Leave these rows out',
    safe: true,
  },
};

/** Faults that have a finding of their own. */
const SAID_ELSEWHERE = ['wrong-roles', 'empty-answers'];

export const unusableRows: RowCheck = {
  kind: UNUSABLE,
  find: ({ row, where, codes }) => {
    if (codes.some((code) => SAID_ELSEWHERE.includes(code))) return null;
    const problem = problemOf(row, where);
    return problem === null ? null : { text: problem, at: 0 };
  },
  repair: (row) => (problemOf(row, '') === null ? row : null),
};

/** Why the row cannot be trained on, or null. */
function problemOf(row: LooseRow, where: string): string | null {
  try {
    strictRow(row, where);
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.message.startsWith(`${where}: `) ? error.message.slice(where.length + 2) : error.message;
  }
}

const WRONG_ROLES: FindingKind = {
  code: 'wrong-roles',
  title: 'Wrong roles or order',
  severity: 'harm',
  why: 'The model would learn to speak for the user, or to answer nothing.',
  rule: 'A conversation is an optional system turn, then user and assistant in turn, with an answer at the end. Calls of tools are followed by their results.',
  fix: {
    name: 'wrong-roles',
    does: 'Repair roles and order',
    safe: true,
  },
};

/** Names that other formats use; compared in lower case. */
const ALIASES = byWord<Exclude<Message['role'], 'tool'>>({
  user: 'human customer client person prompter question',
  assistant: 'gpt chatgpt bot chatbot ai model agent answer',
  system: 'developer sys',
});
const KNOWN = ['system', 'user', 'assistant', 'tool'];

export const wrongRoles: RowCheck = {
  kind: WRONG_ROLES,
  find: ({ row }) => {
    if (row.kind !== 'chat') return null;
    const at = wrongTurn(row.turns);
    if (at < 0) return null;
    const roles = row.turns.map(({ role }) => role);
    const text = roles.length === 0 ? say`no messages` : roles.join(', ');
    return { text, at: roles.slice(0, at).join(', ').length };
  },
  repair: (row) => {
    if (row.kind !== 'chat' || wrongTurn(row.turns) < 0) return row;
    const repaired = repairTurns(row);
    return wrongTurn(repaired.turns) < 0 ? repaired : null;
  },
};

/** The number of the first turn that is wrong, the number of turns where an answer is missing; -1 where all is right. */
function wrongTurn(turns: readonly LooseTurn[]): number {
  const first = turns[0]?.role === 'system' ? 1 : 0;
  for (let i = first; i < turns.length; i++)
    if (!nextRole(i === first ? undefined : turns[i - 1]).includes(turns[i]!.role)) return i;
  return turns.length > first && turns.at(-1)!.role === 'assistant' ? -1 : turns.length;
}

function repairTurns({ turns, contextTurns, ...rest }: LooseRow): LooseRow {
  const border = contextTurns ?? 0;
  const named = turns.map((turn) => ({ ...turn, role: roleOf(turn.role) }));
  const context = joined(named.slice(0, border));
  const taught = joined(named.slice(border));
  while (taught.length > 0 && taught.at(-1)!.role !== 'assistant') taught.pop();
  const all = { ...rest, turns: [...context, ...taught] };
  return contextTurns === undefined ? all : { ...all, contextTurns: context.length };
}

function roleOf(role: string): string {
  const name = role.trim().toLowerCase();
  return KNOWN.includes(name) ? name : (ALIASES.get(name) ?? role);
}

/** Whether a turn is a call or a result, which stand for themselves. */
function isOfTools({ role, calls }: LooseTurn): boolean {
  return role === 'tool' || calls !== undefined;
}

/** Turns that say something, neighbours of one role as one turn. */
function joined(turns: readonly LooseTurn[]): LooseTurn[] {
  const result: LooseTurn[] = [];
  for (const turn of turns) {
    if (turn.content.trim() === '' && !isOfTools(turn)) continue;
    const before = result.at(-1);
    if (before?.role === turn.role && !isOfTools(before) && !isOfTools(turn)) {
      result[result.length - 1] = { ...before, content: `${before.content}\n\n${turn.content}` };
    } else result.push(turn);
  }
  return result;
}

const EMPTY: FindingKind = {
  code: 'empty-answers',
  title: 'Empty answers',
  severity: 'harm',
  why: 'The model would learn that saying nothing is a good answer.',
  rule: 'The answer is empty, only punctuation, or a stand-in for a missing value such as null, NaN, N/A, TODO.',
  fix: { name: 'empty-answers', does: 'Leave these rows out', safe: true },
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
  repair: (row) => (answersOf(row).some((turn) => isEmptyAnswer(turn)) ? null : row),
};

/** Whether an answer says nothing. */
function isEmptyAnswer({ content, calls }: Pick<LooseTurn, 'content' | 'calls'>): boolean {
  if (calls) return false;
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
  why: "The model can't know when a short answer is wanted.",
  rule: `One word that is neither a number, a letter, yes or no nor a label, where half of all answers have ${USUAL_WORDS} words or more and at most ${MOST_SHARE * 100}% are such words: with more of them, or with few different values, short answers are the task.`,
  fix: { name: 'one-word-answers', does: 'Leave these rows out', safe: false },
};

export const oneWordAnswers: CorpusCheck = {
  kind: ONE_WORD,
  conclude: ({ corpus, gone }) => {
    const { rows, labels } = corpus;
    const flagged = rowsWhere(rows, (row) => gone[row] === 0 && corpus.isBareWord(row));
    if (flagged.length === 0) return null;
    const { answers, median } = lengthsOfAnswers(corpus, gone);
    if (flagged.length > MOST_SHARE * answers) return null;
    if (median < USUAL_WORDS || labels.tables().some(({ field }) => field === null)) return null;
    return {
      rows: flagged.length,
      examples: [...flagged.slice(0, 3)].map((row) => ({ row })),
      drop: flagged,
      detail: say`Half of all answers have ${median} words or more.`,
    };
  },
};

/** How many rows have answers, and the median of their words. */
function lengthsOfAnswers(corpus: Corpus, gone: Uint8Array): { answers: number; median: number } {
  const rowsOf = new Uint32Array(256);
  for (let row = 0; row < corpus.rows; row++) if (gone[row] === 0) rowsOf[corpus.answerWords(row)]!++;
  rowsOf[0] = 0;
  const answers = rowsOf.reduce((sum, rows) => sum + rows, 0);
  let median = 0;
  for (let shorter = 0; median < 255; median++) {
    shorter += rowsOf[median]!;
    if (shorter > answers >> 1) break;
  }
  return { answers, median };
}

const CUT: FindingKind = {
  code: 'cut-answers',
  title: 'Answers cut off',
  severity: 'warning',
  why: "These rows are longer than the length limit, so the model doesn't see how their answers end.",
  rule: 'With --model the tokens of the row are counted as training does. Without it they are estimated (about 4 characters a token, 1.5 in scripts without spaces, 2.5 in others than the Latin one), which is rarely off by more than a third. Running text is never cut: it is split.',
  fix: {
    name: 'cut-answers',
    does: 'Leave these rows out',
    safe: false,
  },
};

export const cutAnswers: RowCheck = {
  kind: CUT,
  find: ({ row, isCut, tokens }) =>
    isCut
      ? { text: say`${number(tokens)} tokens: ${row.turns.at(-1)?.content.slice(-100) ?? ''}`, at: 0 }
      : null,
  repair: (row, measure) => (measure(row).isCut ? null : row),
};
