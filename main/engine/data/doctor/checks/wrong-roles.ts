/** Conversations whose turns have unknown roles or stand in the wrong order, and putting right what has only one reading. */
import type { LooseRow, LooseTurn } from '../../loose-row.ts';
import type { FindingKind, RowCheck } from '../finding.ts';

const KIND: FindingKind = {
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
  kind: KIND,
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
export function wrongTurn(turns: readonly LooseTurn[]): number {
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
