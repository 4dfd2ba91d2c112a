/**
 * Judges answers against wanted ones by the scores that fit the kind of task, row by row and in all. It also tells when an answer is
 * decided, so that its rest need not be generated.
 */
import type {
  AnswerFigures,
  Confusion,
  Estimate,
  ScoreName,
  Variant,
  VariantScores,
} from '../../../../common/protocol/protocol.ts';
import { spokenCalls } from '../../../rows/tool-calls.ts';
import type { AnsweredText } from '../answered-text.ts';
import { sari } from './edits.ts';
import { isRight, type QuizItem } from './general-quiz.ts';
import { namedSlots, type Slots } from './slots.ts';
import { mean, rate, rateDifference, ratio } from './statistics.ts';
import {
  allRight,
  callsRight,
  chrf,
  fieldsRight,
  type JsonObject,
  normalised,
  parseObject,
  shownValue,
  type Task,
} from './task.ts';

/** What decides for a kind of task: rows right, of JSON its fields, of free text similarity; and the name of that score. */
const DECIDING: Readonly<
  Record<Task['kind'], readonly [score: AnswerFigures['score'], name: AnswerScoreName]>
> = {
  label: ['right', 'right'],
  short: ['right', 'right'],
  calls: ['right', 'calls'],
  json: ['fields', 'fields'],
  free: ['chrf', 'similarity'],
  text: ['chrf', 'similarity'],
};
/** Of answers that are changed questions: the unchanged question is similar to them as well. */
const OF_EDITS = ['sari', 'changes'] as const;

export type AnswerScoreName = Extract<ScoreName, 'right' | 'fields' | 'calls' | 'similarity' | 'changes'>;

export function decidingScore({ kind, edited }: Pick<Task, 'kind' | 'edited'>): AnswerFigures['score'] {
  return (edited ? OF_EDITS : DECIDING[kind])[0];
}

export function scoreName({ kind, edited }: Pick<Task, 'kind' | 'edited'>): AnswerScoreName {
  return (edited ? OF_EDITS : DECIDING[kind])[1];
}

/** Whether an answer is right: the same words, for JSON the same object, for calls the same tools with the same arguments. */
export function isRightAnswer(task: Task, said: string, wanted: string): boolean {
  if (task.kind === 'calls') return callsRight(said, wanted).whole;
  const object = task.kind === 'json' ? parseObject(wanted) : null;
  return object ? allRight(parseObject(said), object) : normalised(said) === normalised(wanted);
}

/** The deciding score of an answer to `row`, 0 to 1. */
export function scoreOf(task: Task, said: string, { text, answer: wanted }: AnsweredText): number {
  const score = decidingScore(task);
  if (task.edited) return sari(task.edited(text), said, wanted);
  if (score === 'chrf') return chrf(said, wanted);
  const object = score === 'fields' ? parseObject(wanted) : null;
  return object ? fieldShare(task, parseObject(said), object) : Number(isRightAnswer(task, said, wanted));
}

/**
 * The share of fields that are right, those that are not wanted counted as wrong; 1 for the wanted object alone. A field that is the same
 * in all training answers is form and counts only where it is wrong.
 */
function fieldShare(task: Task, said: JsonObject | null, wanted: JsonObject): number {
  if (!said) return 0;
  const constant = new Set(task.fields.filter(({ values }) => values.length < 2).map(({ name }) => name));
  const rights = fieldsRight(said, wanted);
  const extra = Object.keys(said).filter((name) => !rights.has(name)).length;
  const counted = [...rights].filter(([name, right]) => !right || !constant.has(name));
  const right = counted.filter(([, one]) => one).length;
  const all = counted.length + extra;
  return all === 0 ? 1 : right / all;
}

/** The deciding score of rows in all. */
export function estimateOf(task: Task, scores: readonly number[], seed: number): Estimate {
  return decidingScore(task) === 'right'
    ? share(scores.map((score) => score === 1))
    : mean(scores, seed, [0, 1]);
}

/** The label that an answer gives: itself, or the value of the label field; null for none. */
export function labelOf(task: Task, answer: string): string | null {
  if (task.kind === 'label') return task.labels.find((one) => normalised(one) === normalised(answer)) ?? null;
  const object = task.field === null ? null : parseObject(answer);
  if (!object || !Object.hasOwn(object, task.field!)) return null;
  return shownValue(object[task.field!]);
}

/** Answers of one variant to `rows`, and those of the trained model. */
interface Answered {
  readonly said: readonly string[];
  readonly rows: readonly AnsweredText[];
  /** The rows' questions as people read them. */
  readonly prompts: readonly string[];
  readonly after: readonly string[];
}

/** All scores of one variant; `after` are the trained model's answers to the same rows, `slots` those of sentences made from attributes. */
export function variantScores(
  task: Task,
  variant: Variant,
  { said, rows, prompts, after }: Answered,
  slots: Slots | null,
  seed: number,
): VariantScores {
  const own = said.map((text, i) => scoreOf(task, text, rows[i]!));
  const trained = after.slice(0, said.length).map((text, i) => scoreOf(task, text, rows[i]!));
  const wanted = rows.map(({ answer }) => answer);
  const gain = differenceOf(task, own, trained, seed);
  const base = { variant, rows: said.length, gain };
  const right = share(said.map((text, i) => isRightAnswer(task, text, wanted[i]!)));
  if (task.kind === 'free') {
    const lengthRatio = charactersOf(said) / charactersOf(wanted);
    const named = slots && slotScores(slots, { said, wanted, prompts }, seed);
    const alike = task.edited ? said.map((text, i) => chrf(text, wanted[i]!)) : own;
    const changes = task.edited && { sari: mean(own, seed, [0, 1]) };
    return { ...base, right, ...changes, chrf: mean(alike, seed, [0, 1]), lengthRatio, ...named };
  }
  if (task.kind === 'short') {
    const alike = said.map((text, i) => chrf(text, wanted[i]!));
    return { ...base, right, chrf: mean(alike, seed, [0, 1]) };
  }
  if (task.kind === 'calls') return { ...base, right, ...callScores(said, wanted) };
  const hasLabels = task.labels.length > 0;
  const labelRight = share(said.map((text, i) => sameLabel(task, text, wanted[i]!)));
  if (task.kind !== 'json') return { ...base, right, labelRight };
  const fieldsRight = mean(own, seed, [0, 1]);
  return { ...base, right, fieldsRight, ...(hasLabels && { labelRight }), ...jsonScores(said, wanted) };
}

/** The difference of the deciding score, `second` minus `first`, on the same rows. */
export function differenceOf(
  task: Task,
  first: readonly number[],
  second: readonly number[],
  seed: number,
): Estimate {
  if (decidingScore(task) !== 'right')
    return mean(
      first.map((score, i) => second[i]! - score),
      seed,
      [-1, 1],
    );
  return rateDifference(
    first.map((score) => score === 1),
    second.map((score) => score === 1),
  );
}

/** Rows by wanted and given label; null for a task without labels. */
export function confusionOf(
  task: Task,
  said: readonly string[],
  wanted: readonly string[],
): Confusion | null {
  if (task.labels.length === 0) return null;
  const seen = wanted.map((text) => labelOf(task, text)).filter((label) => label !== null);
  const labels = [...new Set([...task.labels, ...seen])];
  const counts = labels.map(() => new Array<number>(labels.length + 1).fill(0));
  said.forEach((text, i) => {
    const row = labels.indexOf(labelOf(task, wanted[i]!) ?? '');
    const column = labels.indexOf(labelOf(task, text) ?? '');
    if (row >= 0) counts[row]![column < 0 ? labels.length : column]!++;
  });
  return { labels, counts };
}

function jsonScores(
  said: readonly string[],
  wanted: readonly string[],
): Pick<VariantScores, 'validJson' | 'fields'> {
  const objects = said.map(parseObject);
  const byField = new Map<string, boolean[]>();
  wanted.forEach((text, i) => {
    const target = parseObject(text);
    if (!target) return;
    for (const [name, right] of fieldsRight(objects[i]!, target))
      byField.set(name, [...(byField.get(name) ?? []), right]);
  });
  return {
    validJson: share(objects.map((object) => object !== null)),
    fields: Object.fromEntries([...byField].map(([name, rights]) => [name, share(rights)])),
  };
}

/** Of the values that answers had to name the share that they name, and of the values that they name the share that is invented. */
function slotScores(
  slots: Slots,
  { said, wanted, prompts }: Record<'said' | 'wanted' | 'prompts', readonly string[]>,
  seed: number,
): Pick<VariantScores, 'slotsPresent' | 'slotsInvented'> {
  const rows = said.map((text, i) => namedSlots(slots, prompts[i]!, text, wanted[i]!));
  const shareOf = (part: 'present' | 'invented', all: 'wanted' | 'named') => {
    const [parts, wholes] = [rows.map((row) => row[part]), rows.map((row) => row[all])];
    if (!wholes.some((one) => one > 0)) return null;
    const { value, low, high } = ratio(parts, wholes, seed);
    return { value, low: Math.max(0, low), high: Math.min(1, high) };
  };
  const [present, invented] = [shareOf('present', 'wanted'), shareOf('invented', 'named')];
  return { ...(present && { slotsPresent: present }), ...(invented && { slotsInvented: invented }) };
}

/** Right tools of all rows; of those that want a call, how many have one that can be read. */
function callScores(
  said: readonly string[],
  wanted: readonly string[],
): Pick<VariantScores, 'toolRight' | 'validJson'> {
  const calls = (text: string) => spokenCalls(text).calls.length > 0;
  const asked = said.filter((_, i) => calls(wanted[i]!));
  return {
    toolRight: share(said.map((text, i) => callsRight(text, wanted[i]!).tool)),
    ...(asked.length > 0 && { validJson: share(asked.map(calls)) }),
  };
}

function sameLabel(task: Task, said: string, wanted: string): boolean {
  const label = labelOf(task, wanted);
  return label !== null && labelOf(task, said) === label;
}

function share(hits: readonly boolean[]): Estimate {
  return rate(hits.filter(Boolean).length, hits.length);
}

function charactersOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0) || 1;
}

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
