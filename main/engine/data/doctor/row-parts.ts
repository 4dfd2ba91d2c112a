/** The parts of a row that the checks look at, and pieces of it to show: one line, secrets masked. */
import type { LooseRow, LooseTurn } from '../rows/loose-row.ts';
import { findEmails, findPhones } from './personal/contact.ts';
import { findKeys, replaceSpans, type Span } from './personal/keys.ts';
import { findPayment } from './personal/payment.ts';

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

const EXCERPT_CHARS = 120;
const CHARS_BEFORE = 30;
/** Masking looks this far around the piece, so that no half of a secret is shown. */
const LOOK_AROUND = 4096;
const KEPT_OF_SECRET = 3;

/** About 120 characters of `text` around `at`. */
export function shownPiece(text: string, at = 0): string {
  const from = Math.max(0, at - LOOK_AROUND);
  const around = text.slice(from, at + EXCERPT_CHARS + LOOK_AROUND);
  const spans = [...findKeys(around), ...findPayment(around), ...findEmails(around), ...findPhones(around)];
  const before = visible(masked(around.slice(0, at - from), spans, at - from));
  const after = visible(
    masked(around, spans).slice(masked(around.slice(0, at - from), spans, at - from).length),
  );
  const head = before.length > CHARS_BEFORE ? `…${before.slice(-CHARS_BEFORE)}` : before;
  const whole = head + after;
  return whole.length > EXCERPT_CHARS ? `${whole.slice(0, EXCERPT_CHARS)}…` : whole;
}

/** The beginning of a row, its turns apart. */
export function shownRow(row: LooseRow, at = 0): string {
  if (row.kind === 'text') return shownPiece(wholeText(row), at);
  const room = Math.max(30, Math.floor(EXCERPT_CHARS / Math.max(1, row.turns.length)));
  const turns = row.turns.slice(0, 4).map(({ role, content }) => {
    const piece = shownPiece(content, 0);
    return `${role}: ${piece.length > room ? `${piece.slice(0, room)}…` : piece}`;
  });
  return `${turns.join(' | ')}${row.turns.length > 4 ? ' | …' : ''}`;
}

function masked(text: string, spans: readonly Span[], end = text.length): string {
  const within = spans.filter(({ start }) => start < end);
  return replaceSpans(text, within, ({ placeholder }, piece) => {
    const kept = placeholder === '[SECRET]' ? 4 : Math.min(KEPT_OF_SECRET, Math.floor(piece.length / 4));
    return `${piece.slice(0, kept)}…${placeholder}`;
  });
}

/** `text` in one line; characters that cannot be seen as their code. */
function visible(text: string): string {
  return text
    .replace(/\r?\n/g, '⏎')
    .replace(/\t/g, ' ')
    .replace(
      /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
      (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
    );
}
