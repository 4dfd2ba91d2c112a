/**
 * What the checks look at in a row: its parts, how long it is, and pieces of it to show, in one line with secrets masked.
 */
import { type LooseRow, type LooseTurn, sharedTurns, turnText } from '../loose-row.ts';
import { strictRow, type TrainingRow } from '../schema.ts';
import { findEmails, findKeys, findPayment, findPhones, replaceSpans, type Span } from './personal.ts';

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
      : before.map((turn) => `${turn.role}\u0000${turnText(turn)}`).join('\u0001');
  return { question, answer: turnText(row.turns[last]!) };
}

/** Both answers of a pair, their turns a line apart; null for other rows. */
export function betterAndWorse(row: LooseRow): { readonly better: string; readonly worse: string } | null {
  if (!row.rejected) return null;
  const said = (turns: readonly LooseTurn[]) => turns.map(turnText).join('\n');
  return { better: said(row.turns.slice(sharedTurns(row).length)), worse: said(row.rejected) };
}

/** All texts of the row, a line apart. */
export function wholeText({ turns }: LooseRow): string {
  return turns.length === 1 ? turns[0]!.content : turns.map(turnText).join('\n');
}

/** The row in one spelling: equal for rows that say exactly the same to the same roles. */
export function identityOf({ kind, turns, contextTurns = 0, rejected, rated, tools }: LooseRow): string {
  const head = kind === 'text' ? 'text' : 'turns';
  const saidBy = (all: readonly LooseTurn[]) =>
    all.map((turn) => `${turn.role}\u0000${turnText(turn).trim()}`).join('\u0001');
  const judged = rejected ? `\u0003${saidBy(rejected)}` : rated === undefined ? '' : `\u0003${rated}`;
  return `${head}${kind === 'chat' ? contextTurns : 0}\u0002${saidBy(turns)}${judged}${tools ? `\u0004${JSON.stringify(tools)}` : ''}`;
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
export function shownRow(row: LooseRow): string {
  if (row.kind === 'text') return shownPiece(wholeText(row));
  const room = Math.max(30, Math.floor(EXCERPT_CHARS / Math.max(1, row.turns.length)));
  const turns = row.turns.slice(0, 4).map((turn) => {
    const piece = shownPiece(turnText(turn));
    return `${turn.role}: ${piece.length > room ? `${piece.slice(0, room)}…` : piece}`;
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

/** How long a row is. */
export interface RowMeasure {
  readonly tokens: number;
  readonly characters: number;
  /** Whether an answer reaches beyond the length limit. */
  readonly isCut: boolean;
  /** Whether the end of a prompt and the beginning of its answer are one token; false where nothing is tokenised. */
  readonly joinsBorder: boolean;
}

export type Measure = (row: LooseRow) => RowMeasure;

/** A row's tokens, as training makes them. */
export type EncodeRow = (row: TrainingRow) => {
  readonly ids: ArrayLike<number>;
  readonly joinsBorder?: true;
};

/** Characters a token by the kind of script, as the tokenizers of current models have them on running text. */
const CHARS_PER_TOKEN = { latin: 4, unspaced: 1.5, other: 2.5 } as const;
/** What a chat template puts around a turn. */
const TEMPLATE_TOKENS = 5;
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/g;
/** All but Latin letters, punctuation and what ASCII has. */
const BEYOND_LATIN = /[\u0250-\u1fff\u2070-\uffff]/g;

/** Measures with `encode` (as training encodes rows) where it is given; a row that it refuses is estimated. */
export function rowMeasure(maxLength: number, encode?: EncodeRow): Measure {
  return (row) => {
    const characters = row.turns.reduce((sum, turn) => sum + turnText(turn).length, 0);
    const encoded = encode ? encodedRow(row, encode) : null;
    const tokens = encoded?.ids.length ?? estimateTokens(row);
    const isCut = row.kind !== 'text' && tokens > maxLength;
    return { tokens, characters, isCut, joinsBorder: encoded?.joinsBorder ?? false };
  };
}

function encodedRow(row: LooseRow, encode: EncodeRow): ReturnType<EncodeRow> | null {
  try {
    return encode(strictRow(row, ''));
  } catch {
    // other checks say what is wrong with the row
    return null;
  }
}

/** Tokens of the row as a usual tokenizer would make them. */
function estimateTokens({ kind, turns, tools }: LooseRow): number {
  const listed = tools ? estimateText(JSON.stringify(tools)) : 0;
  const texts = turns.reduce((sum, turn) => sum + estimateText(turnText(turn)), listed);
  return Math.ceil(texts) + (kind === 'text' ? 0 : TEMPLATE_TOKENS * turns.length);
}

function estimateText(text: string): number {
  const beyond = text.match(BEYOND_LATIN)?.length ?? 0;
  const unspaced = beyond === 0 ? 0 : (text.match(UNSPACED)?.length ?? 0);
  const { latin, unspaced: perUnspaced, other } = CHARS_PER_TOKEN;
  return (text.length - beyond) / latin + unspaced / perUnspaced + (beyond - unspaced) / other;
}
