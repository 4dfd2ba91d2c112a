/** What simpler ways get right where answers come from a closed set, on the same test rows and trained on the same rows as a model. */
import type { Rival, Score } from '../../../../common/protocol/protocol.ts';
import { rate, rateDifference } from '../assess/statistics.ts';
import { canonical, parseObject } from '../assess/task.ts';
import { fieldsOf, placeIn } from '../classify/closed-set.ts';
import { likeliest } from '../generator.ts';
import { countedScores, type LabelledText, nearestLabels, trainCounter } from './word-counts.ts';

export interface AnsweredText {
  readonly text: string;
  readonly answer: string;
}

/** Of each text what a way says, trained on texts with one label each. */
type Way = (taught: readonly LabelledText[], asked: readonly string[]) => string[];

const WAYS = {
  counter: (taught, asked) => {
    if (new Set(taught.map(({ label }) => label)).size < 2) return mostFrequent(taught, asked);
    const counter = trainCounter(taught);
    return countedScores(counter, asked).map((scores) => counter.labels[likeliest(scores)]!);
  },
  nearest: nearestLabels,
  frequent: mostFrequent,
} satisfies Readonly<Partial<Record<Rival['name'], Way>>>;

function mostFrequent(taught: readonly LabelledText[], asked: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const { label } of taught) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  return asked.map(() => first![0]);
}

/** How answers are learned: as wholes, or JSON field by field, each as a label. */
function labelsOf(answers: readonly string[]): ((answer: string) => string)[] {
  const place = placeIn(answers);
  const fields = fieldsOf(answers);
  return fields.length > 1
    ? fields.map((field) => (answer) => canonical(parseObject(answer)?.[field]))
    : [(answer) => String(place(answer))];
}

/** Which of `asked` a way gets right that learned from `taught`. */
function rightsOf(
  way: Way,
  answers: readonly string[],
  taught: readonly AnsweredText[],
  asked: readonly AnsweredText[],
): boolean[] {
  const texts = asked.map(({ text }) => text);
  const right = asked.map(() => true);
  for (const labelOf of labelsOf(answers)) {
    const said = way(
      taught.map(({ text, answer }) => ({ text, label: labelOf(answer) })),
      texts,
    );
    for (const [i, { answer }] of asked.entries()) right[i]! &&= said[i] === labelOf(answer);
  }
  return right;
}

/**
 * The score of each way among `answers`, and how far a model whose answers to the same rows are `rights` is ahead. JSON answers are
 * right where every field is; each field is learned apart. Empty without rows to learn from.
 */
export function rivalsOf(
  answers: readonly string[],
  taught: readonly AnsweredText[],
  asked: readonly AnsweredText[],
  rights: readonly boolean[],
): Rival[] {
  if (taught.length === 0 || asked.length === 0) return [];
  return (Object.keys(WAYS) as (keyof typeof WAYS)[]).map((name) => {
    const started = performance.now();
    const right = rightsOf(WAYS[name], answers, taught, asked);
    const seconds = (performance.now() - started) / 1000;
    const hits = right.filter(Boolean).length;
    const score: Score = { name: 'known', rows: right.length, ...rate(hits, right.length) };
    return { name, score, lead: rateDifference(right, rights), seconds };
  });
}

/** Rows times answers that word counts learn twice in a few seconds. */
const MOST_HALVED = 100_000;

/** The share of `asked` that word counts get wrong where they learn from half of the rows: the mean of both halves. Null for too many rows. */
export function halfErrors(
  answers: readonly string[],
  taught: readonly AnsweredText[],
  asked: readonly AnsweredText[],
): number | null {
  if (taught.length < 2 || asked.length === 0 || taught.length * answers.length > MOST_HALVED) return null;
  const half = Math.floor(taught.length / 2);
  const wrong = [taught.slice(0, half), taught.slice(half)].map(
    (part) => rightsOf(WAYS.counter, answers, part, asked).filter((right) => !right).length,
  );
  return (wrong[0]! + wrong[1]!) / 2 / asked.length;
}
