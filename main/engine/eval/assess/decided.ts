/** When an answer is judged the same however it goes on, so that the rest of it need not be generated. */

import { isRight, type QuizItem } from './general-quiz.ts';
import { normalised, type Task } from './task.ts';

/** Whether a text that begins with these words is judged the same however it goes on; `name` says by what. */
export interface Decision {
  readonly name: string;
  isDecided(said: string): boolean;
}

/** A wrong answer goes on for so many characters, because people look at it. */
const SHOWN = 60;

const wrong = (name: string, mayBeRight: (said: string) => boolean): Decision => ({
  name,
  isDecided: (said) => said.length >= SHOWN && !mayBeRight(said),
});

/** For an answer to a row: one that is no category any more, or no JSON; null where every word counts. */
export function rowDecision({ kind, labels }: Task): Decision | null {
  if (kind === 'label') return wrong(JSON.stringify(labels), (said) => mayBecome(said, labels));
  return kind === 'json' ? wrong(kind, mayBeJson) : null;
}

/** For an answer to a quiz item. */
export function quizDecision(item: QuizItem): Decision | null {
  const { match, answers } = item;
  const name = JSON.stringify([match, answers]);
  if (match === 'exact') return wrong(name, (said) => mayBecome(said, answers));
  if (match === 'json-keys') return wrong(name, mayBeJson);
  const lasting = match === 'contains' ? answers : answers.filter(staysRight);
  if (lasting.length === 0) return null;
  const sure: QuizItem = { ...item, answers: lasting };
  return { name, isDecided: (said) => isRight(sure, wholeWords(said)) };
}

/** For a text that ends at its first empty line: what a model without a chat template says behind it does not count. */
export const FIRST_PARAGRAPH: Decision = {
  name: 'paragraph',
  isDecided: (said) => /\n\s*\n/u.test(said.trimStart()),
};

/** One that holds as soon as one of `decisions` does. */
export function eitherOf(decisions: readonly (Decision | null)[]): Decision | null {
  const all = decisions.filter((one) => one !== null);
  if (all.length === 0) return null;
  return {
    name: all.map(({ name }) => name).join(' '),
    isDecided: (said) => all.some((one) => one.isDecided(said)),
  };
}

/** Whether a text that begins with `said` can still equal one of `wanted` when both are normalised. */
function mayBecome(said: string, wanted: readonly string[]): boolean {
  // the next token may complete the last character
  const whole = said.replace(/\uFFFD+$/u, '').replace(/\P{M}\p{M}*$/u, '');
  const begun = spaced(whole).trim();
  return wanted.some((one) => spaced(one).trim().startsWith(begun) || normalised(one) === normalised(begun));
}

function spaced(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ');
}

/** Whether it can still be a JSON object, perhaps in a code fence. */
function mayBeJson(said: string): boolean {
  return /^\s*(?:[{`]|$)/u.test(said);
}

/** Up to the last white space: the next token may go on with the last word. */
function wholeWords(said: string): string {
  return said.replace(/\S*$/u, '').trimEnd();
}

/** What of a pattern looks ahead. */
const AHEAD = /\(\?[!=](.*?)\)/gu;
/** What looks ahead at letters and digits only, of which none follows behind a whole word. */
const AT_WORDS = /^(?:\[[^\]^\s]*\]\??|\\[dw])*$/u;

/** Whether a text in which `pattern` is found keeps it, whatever comes behind its last whole word. */
function staysRight(pattern: string): boolean {
  if (pattern.includes('$')) return false;
  return [...pattern.matchAll(AHEAD)].every(([, body]) => AT_WORDS.test(body!));
}
