/** Pieces of rows to show to a person: short, in one line, with invisible characters spelled out and secrets masked. */
import type { LooseRow } from '../loose-row.ts';
import { findEmails } from './personal/email.ts';
import { findKeys } from './personal/keys.ts';
import { findPayment } from './personal/payment.ts';
import { findPhones } from './personal/phone.ts';
import { replaceSpans, type Span } from './personal/spans.ts';
import { wholeText } from './row-parts.ts';

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
