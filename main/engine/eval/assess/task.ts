/** What kind of task the rows teach, told from their answers: it decides which scores mean something. */
import type { TaskKind } from '../../../../common/protocol/protocol.ts';
import { type JsonField, type JsonObject, jsonFields, labelField, parseObject } from './json-fields.ts';
import { normalised, tally } from './text.ts';

export interface Task {
  readonly kind: TaskKind;
  /** Why it was taken to be that, for people. */
  readonly reason: string;
  /** The labels of a label task, or the values of `field`, as the data write them, most frequent first. */
  readonly labels: readonly string[];
  /** The field whose value is the label of a JSON answer. */
  readonly field: string | null;
  readonly fields: readonly JsonField[];
}

/** Words up to which an answer is short. */
export const SHORT_WORDS = 8;
const MOST_LABELS = 50;
/** Share of the answers that must fit; the rest may be slips of the data. */
const NEARLY_ALL = 0.95;

/** The task that `answers` (of training rows) show; without answers it is continued text. */
export function detectTask(answers: readonly string[]): Task {
  const plain = { labels: [], field: null, fields: [] };
  if (answers.length === 0)
    return { ...plain, kind: 'text', reason: 'the rows are running text without answers' };
  const objects = answers.map(parseObject).filter((one): one is JsonObject => one !== null);
  if (objects.length >= NEARLY_ALL * answers.length) return jsonTask(objects, answers.length);
  const labels = labelsOf(answers);
  if (labels) {
    const reason = `the ${answers.length} answers looked at are ${labels.length} different short ones`;
    return { ...plain, kind: 'label', reason, labels };
  }
  const short = answers.filter((answer) => countWords(answer) <= SHORT_WORDS).length;
  if (short >= NEARLY_ALL * answers.length)
    return { ...plain, kind: 'short', reason: `nearly all answers have at most ${SHORT_WORDS} words` };
  return { ...plain, kind: 'free', reason: 'the answers are free text' };
}

/** The number of words in `text`. */
export function countWords(text: string): number {
  return text.trim() === '' ? 0 : text.trim().split(/\s+/u).length;
}

function jsonTask(objects: readonly JsonObject[], answers: number): Task {
  const fields = jsonFields(objects);
  const field = labelField(fields);
  const names = fields.map(({ name }) => name).join(', ');
  return {
    kind: 'json',
    reason: `${objects.length} of ${answers} answers looked at are JSON objects with the fields ${names}`,
    labels: fields.find(({ name }) => name === field)?.values ?? [],
    field,
    fields,
  };
}

/** The labels, where the answers are few short ones that come back: three times each on average. */
function labelsOf(answers: readonly string[]): string[] | null {
  const shapes = new Map<string, string>();
  for (const answer of answers) {
    const key = normalised(answer);
    if (!shapes.has(key)) shapes.set(key, answer.trim());
  }
  const repeats = 3 * shapes.size <= answers.length;
  if (shapes.size < 2 || shapes.size > MOST_LABELS || !repeats) return null;
  if (answers.some((answer) => countWords(answer) > SHORT_WORDS)) return null;
  return tally(answers.map(normalised)).map(([key]) => shapes.get(key)!);
}
