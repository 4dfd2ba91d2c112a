/** What simpler ways get right where answers come from a closed set, on the same test rows and trained on the same rows as a model. */
import type { Rival } from '../../../../common/protocol/protocol.ts';
import { rateDifference } from '../assess/statistics.ts';
import { canonical, parseObject } from '../assess/task.ts';
import { accuracyOf } from '../classify/accuracy.ts';
import { fieldsOf, placeIn } from '../classify/closed-set.ts';
import { likeliest } from '../generator.ts';
import { countedScores, type LabelledText, nearestLabels, trainCounter } from './word-counts.ts';

export interface AnsweredText {
  readonly text: string;
  readonly answer: string;
}

/** Of each text what a way says, trained on texts with one label each. */
type Way = (taught: readonly LabelledText[], asked: readonly string[]) => string[];

const WAYS: Readonly<Record<Rival['name'], Way>> = {
  counter: (taught, asked) => {
    if (new Set(taught.map(({ label }) => label)).size < 2) return mostFrequent(taught, asked);
    const counter = trainCounter(taught);
    return countedScores(counter, asked).map((scores) => counter.labels[likeliest(scores)]!);
  },
  nearest: nearestLabels,
  frequent: mostFrequent,
};

function mostFrequent(taught: readonly LabelledText[], asked: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const { label } of taught) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  return asked.map(() => first![0]);
}

/**
 * The accuracy of each way among `answers`, and how far a model whose answers to the same rows are `rights` is ahead. JSON answers are
 * right where every field is; each field is learned apart. Empty without rows to learn from.
 */
export function rivalsOf(
  answers: readonly string[],
  taught: readonly AnsweredText[],
  asked: readonly AnsweredText[],
  rights: readonly boolean[],
): Rival[] {
  if (taught.length === 0 || asked.length === 0) return [];
  const place = placeIn(answers);
  const fields = fieldsOf(answers);
  const labels: ((answer: string) => string)[] =
    fields.length > 1
      ? fields.map((field) => (answer) => canonical(parseObject(answer)?.[field]))
      : [(answer) => String(place(answer))];
  const texts = asked.map(({ text }) => text);
  return (Object.keys(WAYS) as Rival['name'][]).map((name) => {
    const started = performance.now();
    const right = asked.map(() => true);
    for (const labelOf of labels) {
      const said = WAYS[name](
        taught.map(({ text, answer }) => ({ text, label: labelOf(answer) })),
        texts,
      );
      for (const [i, { answer }] of asked.entries()) right[i]! &&= said[i] === labelOf(answer);
    }
    const seconds = (performance.now() - started) / 1000;
    return { name, accuracy: accuracyOf(null, right), lead: rateDifference(right, rights), seconds };
  });
}
