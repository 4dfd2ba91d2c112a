/** Rows that cannot be trained on, and conversations with wrong roles or order: repaired where only one reading is left. */
import { AppError } from '../../../../../common/errors.ts';
import type { LooseRow, LooseTurn } from '../../rows/loose-row.ts';
import { strictRow } from '../../rows/schema.ts';
import type { FindingKind, RowCheck } from '../finding.ts';

const UNUSABLE: FindingKind = {
  code: 'unusable-rows',
  title: 'Rows that cannot be used',
  severity: 'harm',
  why: 'Training stops at such a row, or passes over it, so what it should teach is missing.',
  rule: 'The row could not be read at all, or it has no question or another shape than the ones Fettle knows.',
  fix: {
    name: 'unusable-rows',
    does: 'leaves these rows out of the new file (unreadable ones stay only in the original)',
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
  mend: (row) => (problemOf(row, '') === null ? row : null),
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
  title: 'Wrong roles or order of turns',
  severity: 'harm',
  why: 'Chat templates put turns together without a question: a wrong order teaches the model to speak for the user, or to answer nothing.',
  rule: 'A conversation is an optional system turn, then user and assistant in turn, with an answer at the end.',
  fix: {
    name: 'wrong-roles',
    does: 'renames roles with a known meaning (human, bot, …), joins neighbouring turns of one role, drops empty turns and questions without an answer at the end; rows that stay wrong are left out',
    safe: true,
  },
};

/** Names that other formats use; compared in lower case. */
const ALIASES: Readonly<Record<string, LooseTurn['role']>> = {
  human: 'user',
  customer: 'user',
  client: 'user',
  person: 'user',
  prompter: 'user',
  question: 'user',
  gpt: 'assistant',
  chatgpt: 'assistant',
  bot: 'assistant',
  chatbot: 'assistant',
  ai: 'assistant',
  model: 'assistant',
  agent: 'assistant',
  answer: 'assistant',
  developer: 'system',
  sys: 'system',
};
const KNOWN = ['system', 'user', 'assistant'];

export const wrongRoles: RowCheck = {
  kind: WRONG_ROLES,
  find: ({ row }) => {
    if (row.kind !== 'chat') return null;
    const at = wrongTurn(row.turns);
    if (at < 0) return null;
    const roles = row.turns.map(({ role }) => role);
    const text = roles.length === 0 ? 'no turns at all' : roles.join(', ');
    return { text, at: roles.slice(0, at).join(', ').length };
  },
  mend: (row) => {
    if (row.kind !== 'chat' || wrongTurn(row.turns) < 0) return row;
    const mended = mendTurns(row);
    return wrongTurn(mended.turns) < 0 ? mended : null;
  },
};

/** The number of the first turn that is wrong, the number of turns where an answer is missing; -1 where all is right. */
function wrongTurn(turns: readonly LooseTurn[]): number {
  const first = turns[0]?.role === 'system' ? 1 : 0;
  for (let i = first; i < turns.length; i++)
    if (turns[i]!.role !== ((i - first) % 2 === 0 ? 'user' : 'assistant')) return i;
  return turns.length > first && turns.at(-1)!.role === 'assistant' ? -1 : turns.length;
}

function mendTurns({ turns, contextTurns, ...rest }: LooseRow): LooseRow {
  const border = contextTurns ?? 0;
  const named = turns.map((turn) => ({ ...turn, role: roleOf(turn.role) }));
  const context = joined(named.slice(0, border));
  const taught = joined(named.slice(border));
  while (taught.at(-1)?.role === 'user') taught.pop();
  const all = { ...rest, turns: [...context, ...taught] };
  return contextTurns === undefined ? all : { ...all, contextTurns: context.length };
}

function roleOf(role: string): string {
  const name = role.trim().toLowerCase();
  return KNOWN.includes(name) ? name : (ALIASES[name] ?? role);
}

/** Turns that say something, neighbours of one role as one turn. */
function joined(turns: readonly LooseTurn[]): LooseTurn[] {
  const result: LooseTurn[] = [];
  for (const turn of turns) {
    if (turn.content.trim() === '') continue;
    const before = result.at(-1);
    if (before?.role === turn.role) {
      result[result.length - 1] = { ...before, content: `${before.content}\n\n${turn.content}` };
    } else result.push(turn);
  }
  return result;
}
