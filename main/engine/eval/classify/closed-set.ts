/** Answers that come from a closed set: which they are, and what of them was told or written. */
import type { Accuracy, ClosedFigures, Compared } from '../../../../common/protocol/protocol.ts';
import { rateDifference } from '../assess/statistics.ts';
import { canonical, fieldsRight, MOST_LABELS, normalised, parseObject } from '../assess/task.ts';
import { accuracyOf } from './accuracy.ts';

/** Counts the answers of rows, up to one more different ones than can be a closed set (or than are asked for). */
export class AnswerTally {
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #most: number;
  #rows = 0;

  constructor(most = MOST_LABELS) {
    this.#most = most;
  }

  add(answer: string): void {
    this.#rows++;
    const key = keyOf(answer);
    if (!this.#counts.has(key) && this.#counts.size > this.#most) return;
    const spellings = this.#counts.get(key) ?? new Map<string, number>();
    spellings.set(answer, (spellings.get(answer) ?? 0) + 1);
    this.#counts.set(key, spellings);
  }

  /** The answers as they are mostly written, the most frequent first; null where they are no closed set. */
  get closed(): readonly string[] | null {
    const { size } = this.#counts;
    if (size < 2 || size > this.#most || size > this.#rows / 2) return null;
    return this.counts.map(({ answer }) => answer);
  }

  /** All of them with their rows, as they are mostly written, the most frequent first. */
  get counts(): readonly { readonly answer: string; readonly rows: number }[] {
    return [...this.#counts.values()]
      .map((spellings) => {
        const sorted = [...spellings].sort(([, a], [, b]) => b - a);
        return { answer: sorted[0]![0], rows: sorted.reduce((sum, [, rows]) => sum + rows, 0) };
      })
      .sort((a, b) => b.rows - a.rows);
  }
}

/** Equal for answers that say the same. */
export function keyOf(answer: string): string {
  const object = parseObject(answer);
  return object ? canonical(object) : normalised(answer);
}

/** The place among `answers` of the one that says the same as `answer`; -1 for none. */
export function placeIn(answers: readonly string[]): (answer: string) => number {
  const places = new Map(answers.map((answer, i) => [keyOf(answer), i]));
  return (answer) => places.get(keyOf(answer)) ?? -1;
}

/** What answers to the same rows are compared by: the whole answer, and the fields of JSON answers of which not all are the same. */
type Rights = readonly { readonly key: string | null; readonly rights: readonly boolean[] }[];

function rightsOf(answers: readonly string[], given: readonly string[], wanted: readonly string[]): Rights {
  const whole = { key: null, rights: given.map((answer, i) => keyOf(answer) === keyOf(wanted[i]!)) };
  const fields = fieldsOf(answers).map((key) => ({
    key,
    rights: given.map((answer, i) => {
      const right = parseObject(wanted[i]!);
      return right !== null && fieldsRight(parseObject(answer), right).get(key) === true;
    }),
  }));
  return fields.length > 1 ? [whole, ...fields] : [whole];
}

/** The fields that all of `answers` have, with more than one value. */
export function fieldsOf(answers: readonly string[]): string[] {
  const objects = answers.map(parseObject);
  return Object.keys(objects[0] ?? {}).filter((key) => {
    if (!objects.every((object) => object !== null && Object.hasOwn(object, key))) return false;
    return new Set(objects.map((object) => canonical(object![key]))).size > 1;
  });
}

/** Whether a text has the form of `answers`: says one of them, or is JSON with their fields and values. */
export function formOf(answers: readonly string[]): (text: string) => boolean {
  const place = placeIn(answers);
  const objects = answers.map(parseObject);
  const first = objects[0];
  if (!first || objects.includes(null)) return (text) => place(text) >= 0;
  const names = [...new Set(objects.flatMap((object) => Object.keys(object!)))];
  const values = new Map(
    names.map((name) => [name, new Set(objects.map((object) => canonical(object![name])))]),
  );
  return (text) => {
    const object = parseObject(text);
    if (!object) return false;
    return (
      Object.keys(object).every((name) => values.has(name)) &&
      names.every((name) => values.get(name)!.has(canonical(object[name])))
    );
  };
}

/** Figures of answers from one closed set to the same rows: how often they are right, whole and field by field. */
export function accuraciesOf(
  answers: readonly string[],
  given: readonly string[],
  wanted: readonly string[],
): Accuracy[] {
  return rightsOf(answers, given, wanted).map(({ key, rights }) => accuracyOf(key, rights));
}

type BeforeAndAfter<T> = Readonly<Record<'before' | 'after', readonly T[]>>;

/** What both models know, asked for the likeliest of `answers`, and how often what they `said` unasked has their form. */
export function closedFigures(
  answers: readonly string[],
  given: BeforeAndAfter<string> & { readonly wanted: readonly string[] },
  said: BeforeAndAfter<string>,
): ClosedFigures {
  const [before, after] = [given.before, given.after].map((one) => rightsOf(answers, one, given.wanted)) as [
    Rights,
    Rights,
  ];
  const [known, ...fields] = before.map(({ key, rights }, i) => compared(key, rights, after[i]!.rights));
  const hasForm = formOf(answers);
  const form = compared(null, said.before.map(hasForm), said.after.map(hasForm));
  return { answers: answers.length, known: known!, fields, form };
}

function compared(key: string | null, before: readonly boolean[], after: readonly boolean[]): Compared {
  return {
    before: accuracyOf(key, before),
    after: accuracyOf(key, after),
    gain: rateDifference(before, after),
  };
}
