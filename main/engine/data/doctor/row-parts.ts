/** The parts of a row that the checks look at: what is asked, what is answered, and all of it. */
import type { LooseRow, LooseTurn } from '../loose-row.ts';

/** The turns that the row teaches: answers that are not context. */
export function answersOf({ kind, turns, contextTurns = 0 }: LooseRow): readonly LooseTurn[] {
  return kind === 'text' ? [] : turns.filter((turn, i) => i >= contextTurns && turn.role === 'assistant');
}

/** The last answer and everything before it; null where there is no answer, or nothing before it. */
export function questionAndAnswer(row: LooseRow): { question: string; answer: string } | null {
  if (row.kind === 'text') return null;
  const last = row.turns.findLastIndex(({ role }) => role === 'assistant');
  if (last < 1) return null;
  const before = row.turns.slice(0, last);
  const question =
    before.length === 1
      ? before[0]!.content
      : before.map(({ role, content }) => `${role}\u0000${content}`).join('\u0001');
  return { question, answer: row.turns[last]!.content };
}

/** All texts of the row, a line apart. */
export function wholeText({ turns }: LooseRow): string {
  return turns.length === 1 ? turns[0]!.content : turns.map(({ content }) => content).join('\n');
}

/** The row in one spelling: equal for rows that say exactly the same to the same roles. */
export function identityOf({ kind, turns, contextTurns = 0 }: LooseRow): string {
  const head = kind === 'text' ? 'text' : 'turns';
  const said = turns.map(({ role, content }) => `${role}\u0000${content.trim()}`).join('\u0001');
  return `${head}${kind === 'chat' ? contextTurns : 0}\u0002${said}`;
}

/** The row with each text as `change` makes it; the same object where nothing changed. */
export function withTexts(row: LooseRow, change: (text: string) => string): LooseRow {
  let changed = false;
  const turns = row.turns.map((turn) => {
    const content = change(turn.content);
    if (content === turn.content) return turn;
    changed = true;
    return { ...turn, content };
  });
  return changed ? { ...row, turns } : row;
}
