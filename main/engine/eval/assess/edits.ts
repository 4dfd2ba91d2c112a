/** Rows whose answer is the question's text with changes, and how well a text was changed: what was kept, deleted and added. */

import type { AnsweredText } from '../answered-text.ts';

/** The part of a question that is changed. */
export type QuestionPart = (question: string) => string;

/** The whole question, or its last line, where an instruction stands above it. */
const PARTS: readonly QuestionPart[] = [
  (text) => text.trim(),
  (text) => text.trim().split('\n').at(-1)!.trim(),
];
/** Rows by which it is decided. */
const SHOWN_ROWS = 200;
/**
 * The question itself is as similar to the answer as this (mean chrF of rows) where texts are edited. Simplified sentences (ASSET) have 0.76,
 * corrected ones (JFLEG) 0.79, sentences made from attributes (E2E) 0.47, commands for descriptions (NL2Bash) 0.27, and none of the
 * samples more than 0.40.
 */
const EDITED = 0.6;

/** The part of a question that is most like its answer in rows that teach, and their mean similarity by `alike`. */
export function copiedPart(
  rows: readonly AnsweredText[],
  alike: (text: string, answer: string) => number,
): { readonly part: QuestionPart; readonly mean: number } {
  const shown = rows.slice(0, SHOWN_ROWS);
  const sums = PARTS.map((part) =>
    shown.reduce((sum, { text, answer }) => sum + alike(part(text), answer), 0),
  );
  const most = Math.max(...sums);
  return { part: PARTS[sums.indexOf(most)]!, mean: most / Math.max(1, shown.length) };
}

/** The part of the questions that the answers are edits of; null where they are none. */
export function editedPart(
  rows: readonly AnsweredText[],
  alike: (text: string, answer: string) => number,
): QuestionPart | null {
  const { part, mean } = copiedPart(rows, alike);
  return mean >= EDITED ? part : null;
}

/** Word n-grams of up to so many. */
const ORDERS = 4;

/**
 * SARI of an answer, 0 to 1 (Xu et al. 2016, with F1 for all three operations, for one row and one reference): of word n-grams of 1 to 4 the
 * F1 of those that are kept, deleted and added, averaged over operations and orders. An operation that neither text has scores 1, so the
 * wanted text scores 1, and the unchanged `source` only by what it keeps. Orders that no text has don't count.
 */
export function sari(source: string, said: string, wanted: string): number {
  const texts = [source, said, wanted].map(wordsOf);
  const orders = Math.min(ORDERS, Math.max(...texts.map(({ length }) => length)));
  if (orders === 0) return 1;
  let sum = 0;
  for (let order = 1; order <= orders; order++) {
    const [was, is, should] = texts.map((words) => gramsOf(words, order)) as [Counts, Counts, Counts];
    sum +=
      f1(both(was, is), both(was, should)) +
      f1(less(was, is), less(was, should)) +
      f1(less(is, was), less(should, was));
  }
  return sum / (3 * orders);
}

type Counts = ReadonlyMap<string, number>;

/** Words, signs, and each character of a script that writes no spaces. Capital letters count: to set them may be the task. */
function wordsOf(text: string): string[] {
  const script =
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu;
  return text.normalize('NFC').match(script) ?? [];
}

function gramsOf(words: readonly string[], order: number): Counts {
  const counts = new Map<string, number>();
  for (let i = 0; i + order <= words.length; i++) {
    const gram = words.slice(i, i + order).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

function both(a: Counts, b: Counts): Counts {
  return mapped(a, (gram, count) => Math.min(count, b.get(gram) ?? 0));
}

function less(a: Counts, b: Counts): Counts {
  return mapped(a, (gram, count) => count - (b.get(gram) ?? 0));
}

function mapped(counts: Counts, of: (gram: string, count: number) => number): Counts {
  return new Map(
    [...counts].map(([gram, count]) => [gram, of(gram, count)] as const).filter(([, count]) => count > 0),
  );
}

function f1(done: Counts, wanted: Counts): number {
  const all = total(done) + total(wanted);
  return all === 0 ? 1 : (2 * total(both(done, wanted))) / all;
}

function total(counts: Counts): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}
