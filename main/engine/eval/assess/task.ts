/** What kind of task the rows teach, told from their answers: it decides which scores mean something. */

import type { TaskKind } from '../../../../common/protocol/protocol.ts';
import { isRecord } from '../../../../common/values.ts';
import { say } from '../../../../common/words/language.ts';
import { apart, countWords } from '../../../../common/words/unspaced.ts';
import { spokenCalls, type ToolCall } from '../../../rows/tool-calls.ts';
import type { AnsweredText } from '../answered-text.ts';
import { editedPart, type QuestionPart } from './edits.ts';

/** How answers are compared as texts: but for what does not change their meaning, or by similarity. */

/** Lower case, single spaces, no closing punctuation: how short answers and labels are compared. */
export function normalised(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/[\s.!?。！？]+$/u, '');
}

/** The words of a text, lower case, without punctuation around them; of scripts without spaces each sign. */
export function wordsOf(text: string): string[] {
  return apart(text.normalize('NFC').toLowerCase())
    .split(/\s+/u)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '');
}

/** How often each of `texts` occurs, most frequent first, equal ones in order of appearance. */
export function tally(texts: Iterable<string>): [text: string, count: number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/** The longest run of words that both texts have, in words. */
export function longestSharedRun(a: string, b: string): number {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  let row = new Uint32Array(right.length + 1);
  let longest = 0;
  for (const word of left) {
    const next = new Uint32Array(right.length + 1);
    for (let j = 1; j <= right.length; j++) {
      if (right[j - 1] !== word) continue;
      next[j] = row[j - 1]! + 1;
      longest = Math.max(longest, next[j]!);
    }
    row = next;
  }
  return longest;
}

const ORDERS = 6;
const BETA_2 = 4;

/**
 * chrF2 of a text against a reference, 0 to 1 (Popović 2015: character n-grams of 1 to 6, beta 2, no white space). Precision and recall are
 * averaged over the orders that both have. Two empty texts score 1.
 */
export function chrf(text: string, reference: string): number {
  return chrfBetween(chrfGrams(text), chrfGrams(reference));
}

/** The character n-grams of a text, order by order, and how many characters it has. */
export interface Grams {
  readonly length: number;
  readonly orders: readonly ReadonlyMap<string, number>[];
}

export function chrfGrams(text: string): Grams {
  const characters = charactersOf(text);
  const orders = Array.from({ length: Math.min(ORDERS, characters.length) }, (_, i) =>
    gramsOf(characters, i + 1),
  );
  return { length: characters.length, orders };
}

/** The same as `chrf`, of texts that are compared with many others. */
export function chrfBetween(said: Grams, wanted: Grams): number {
  if (said.length === 0 || wanted.length === 0) return said.length === wanted.length ? 1 : 0;
  const orders = Math.min(said.orders.length, wanted.orders.length);
  let [precision, recall] = [0, 0];
  for (let order = 1; order <= orders; order++) {
    const shared = sharedCount(said.orders[order - 1]!, wanted.orders[order - 1]!);
    precision += shared / (said.length - order + 1);
    recall += shared / (wanted.length - order + 1);
  }
  precision /= orders;
  recall /= orders;
  const weighed = BETA_2 * precision + recall;
  return weighed === 0 ? 0 : ((1 + BETA_2) * precision * recall) / weighed;
}

function charactersOf(text: string): string[] {
  return [...text.normalize('NFC').replace(/\s+/gu, '')];
}

function gramsOf(characters: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + order <= characters.length; i++) {
    const gram = characters.slice(i, i + order).join('');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

function sharedCount(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let shared = 0;
  for (const [gram, count] of a) shared += Math.min(count, b.get(gram) ?? 0);
  return shared;
}

export interface Task {
  readonly kind: TaskKind;
  /** Why it was taken to be that, for people. */
  readonly reason: string;
  /** The labels of a label task, or the values of `field`, as the data write them, most frequent first. */
  readonly labels: readonly string[];
  /** The field whose value is the label of a JSON answer. */
  readonly field: string | null;
  readonly fields: readonly JsonField[];
  /** Of free text that is the question's with changes: which part of a question is changed. */
  readonly edited?: QuestionPart;
}

export const SHORT_WORDS = 8;
/** More different answers are no closed set. Banking77 has 77 and CLINC150 150. */
export const MOST_LABELS = 200;
/** Of answers that are all numbers more are results, and so are few that hardly come back. */
const MOST_NUMBERS = 50;
const NUMBERS_COME_BACK = 3;
/** Share of the answers that must fit; the rest may be slips of the data. */
const NEARLY_ALL = 0.95;
/** Rows that teach calls have others, in which none is wanted. */
const ENOUGH_CALLS = 0.5;

/** The task that training rows show; without any it is continued text. */
export function taskOfRows(rows: readonly AnsweredText[]): Task {
  const task = detectTask(rows.map(({ answer }) => answer));
  const edited = task.kind === 'free' ? editedPart(rows, chrf) : null;
  return edited ? { ...task, edited, reason: say`the answers are the questions with changes` } : task;
}

/** The same by `answers` alone, which don't show whether they are changed questions. */
export function detectTask(answers: readonly string[]): Task {
  const plain = { labels: [], field: null, fields: [] };
  if (answers.length === 0)
    return { ...plain, kind: 'text', reason: say`the rows are running text without answers` };
  const calling = answers.filter((answer) => answer.includes('<tool_call>')).length;
  if (calling >= ENOUGH_CALLS * answers.length)
    return { ...plain, kind: 'calls', reason: say`${calling} of ${answers.length} answers call a tool` };
  const objects = answers.map(parseObject).filter((one): one is JsonObject => one !== null);
  if (objects.length >= NEARLY_ALL * answers.length) return jsonTask(objects, answers.length);
  const labels = labelsOf(answers);
  if (labels) {
    const reason = say`${answers.length} answers have only ${labels.length} different values`;
    return { ...plain, kind: 'label', reason, labels };
  }
  const short = answers.filter((answer) => countWords(answer) <= SHORT_WORDS).length;
  if (short >= NEARLY_ALL * answers.length)
    return { ...plain, kind: 'short', reason: say`nearly all answers have at most ${SHORT_WORDS} words` };
  return { ...plain, kind: 'free', reason: say`the answers are free text` };
}

function jsonTask(objects: readonly JsonObject[], answers: number): Task {
  const fields = jsonFields(objects);
  const field = labelField(fields);
  const names = fields.map(({ name }) => name).join(', ');
  return {
    kind: 'json',
    reason: say`${objects.length} of ${answers} answers are JSON objects with ${names}`,
    labels: fields.find(({ name }) => name === field)?.values ?? [],
    field,
    fields,
  };
}

/** The labels, where the answers are few short ones that come back: twice each on average. */
function labelsOf(answers: readonly string[]): string[] | null {
  const shapes = new Map<string, string>();
  for (const answer of answers) {
    const key = normalised(answer);
    if (!shapes.has(key)) shapes.set(key, answer.trim());
  }
  const { size } = shapes;
  if (size < 2 || size > MOST_LABELS || 2 * size > answers.length) return null;
  const isResults = size > MOST_NUMBERS || NUMBERS_COME_BACK * size > answers.length;
  if (isResults && [...shapes.keys()].every((shape) => Number.isFinite(Number(shape)))) return null;
  if (answers.some((answer) => countWords(answer) > SHORT_WORDS)) return null;
  return tally(answers.map(normalised)).map(([key]) => shapes.get(key)!);
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** The object that an answer is, or null; a code fence around it is forgiven. */
export function parseObject(answer: string): JsonObject | null {
  const fenced = /^```(?:json)?\s*([\s\S]*?)\s*```$/i.exec(answer.trim());
  try {
    const value: unknown = JSON.parse(fenced?.[1] ?? answer);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** A value in one spelling: keys sorted, white space in texts single. */
export function canonical(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.replace(/\s+/gu, ' ').trim());
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
}

/** For each field of `wanted`, whether `said` has the same value. */
export function fieldsRight(said: JsonObject | null, wanted: JsonObject): Map<string, boolean> {
  return new Map(
    Object.entries(wanted).map(([key, value]) => [
      key,
      said !== null && Object.hasOwn(said, key) && canonical(said[key]) === canonical(value),
    ]),
  );
}

export function allRight(said: JsonObject | null, wanted: JsonObject): boolean {
  return said !== null && canonical(said) === canonical(wanted);
}

/** Whether `said` calls the tools that `wanted` calls, in any order: by name, and with their arguments. */
export function callsRight(
  said: string,
  wanted: string,
): { readonly tool: boolean; readonly whole: boolean } {
  const [given, right] = [said, wanted].map((text) => spokenCalls(text).calls) as [
    readonly ToolCall[],
    readonly ToolCall[],
  ];
  const same = (of: (call: ToolCall) => string) =>
    JSON.stringify(given.map(of).sort()) === JSON.stringify(right.map(of).sort());
  return { tool: same(({ name }) => name), whole: same(canonical) };
}

/** A field of the training answers and the values that it takes, most frequent first, as they are shown. */
interface JsonField {
  readonly name: string;
  readonly values: readonly string[];
  /** Whether the values are few enough to be a choice. */
  readonly choice: boolean;
  readonly type: 'text' | 'number' | 'yes or no' | 'list' | 'object' | 'mixed';
}

const MOST_CHOICES = 30;

/** The fields of `answers`, most common first; a choice has at most 30 values, each four times on average. */
function jsonFields(answers: readonly JsonObject[]): JsonField[] {
  const names = tally(answers.flatMap((answer) => Object.keys(answer)));
  return names.map(([name]) => {
    const values = answers.filter((answer) => Object.hasOwn(answer, name)).map((answer) => answer[name]);
    const counted = tally(values.map(shownValue));
    const scalar = values.every((value) => typeof value !== 'object' || value === null);
    const choice = scalar && counted.length <= MOST_CHOICES && 4 * counted.length <= values.length;
    return { name, values: counted.map(([text]) => text), choice, type: typeOf(values) };
  });
}

/** The label of an answer: of the fields that are a choice the one with most values; null for none. */
function labelField(fields: readonly JsonField[]): string | null {
  const choices = fields.filter((field) => field.choice && field.values.length >= 2);
  const best = choices.reduce<JsonField | null>(
    (most, field) => (most === null || field.values.length > most.values.length ? field : most),
    null,
  );
  return best?.name ?? null;
}

/** A field's value as a person reads it: texts without quotes. */
export function shownValue(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\s+/gu, ' ').trim() : canonical(value);
}

function typeOf(values: readonly unknown[]): JsonField['type'] {
  const kinds = new Set(values.filter((value) => value !== null).map(kindOf));
  return kinds.size === 1 ? [...kinds][0]! : 'mixed';
}

function kindOf(value: unknown): JsonField['type'] {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'yes or no';
  return Array.isArray(value) ? 'list' : 'object';
}
