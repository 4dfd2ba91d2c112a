/** Lists of attributes taken from sentences (`name[Blue Spice], food[French]`): each attribute by word counts, or by a known value that stands there. */

import type { AnsweredText } from '../answered-text.ts';
import { names, type Slots } from '../assess/slots.ts';
import { likeliest } from '../generator.ts';
import { countedScores, type LabelledText, nearestLabels, trainCounter } from './word-counts.ts';

/** More different values are not counted: the most similar row has one. */
const MOST_VALUES = 100;

/** Of logistic regression, for many fields: to choose it for each would take twelve times as long. */
const STRENGTH = 100;

/** Whether so many different labels of so many rows come back often enough to be counted. */
export const comeBack = (labels: number, rows: number) =>
  labels > 1 && labels <= Math.min(MOST_VALUES, rows / 2);

/** Of each text the label that words tell, where labels come back; else that of the most similar row. */
export function countedLabels(rows: readonly LabelledText[], texts: readonly string[]): string[] {
  const { size } = new Set(rows.map(({ label }) => label));
  return comeBack(size, rows.length) ? wordLabels(rows, texts) : nearestLabels(rows, texts);
}

/** Of each text the label that words tell. */
export function wordLabels(rows: readonly LabelledText[], texts: readonly string[]): string[] {
  const counter = trainCounter(rows, { strength: STRENGTH });
  return countedScores(counter, texts).map((scores) => counter.labels[likeliest(scores)]!);
}

/** For each of `texts` a list as the rows `taught` write it. */
export function countedLists(
  slots: Slots,
  taught: readonly AnsweredText[],
  texts: readonly string[],
): string[] {
  const lists = taught.map(({ answer }) => {
    const { slots: own, others } = slots.attributesOf(answer);
    return {
      answer,
      attributes: [...own, ...others],
      values: new Map([...own, ...others].map((one) => [one.key, one.value])),
    };
  });
  const recurring = new Set(
    taught.flatMap(({ answer }) => slots.attributesOf(answer).slots.map(({ key }) => key)),
  );
  const keys = [...new Set(lists.flatMap(({ values }) => [...values.keys()]))];
  const predicted = keys.map((key) => {
    // an attribute that is left out has no value
    const labels = lists.map(({ values }) => values.get(key) ?? '');
    const rows = taught.map(({ text }, i) => ({ text, label: labels[i]! }));
    const counted = countedLabels(rows, texts);
    const known = recurring.has(key) ? [...new Set(labels)].sort((a, b) => b.length - a.length) : [];
    return texts.map((text, i) => known.find((value) => names(text, value)) ?? counted[i]!);
  });
  return texts.map((_, i) => {
    const values = new Map(
      keys.map((key, k) => [key, predicted[k]![i]!] as const).filter(([, value]) => value !== ''),
    );
    const fits = lists.map((list) => overlap(list.values, values));
    const alike = lists[fits.indexOf(Math.max(...fits))]!;
    return alike.attributes
      .filter(({ key, at }) => at >= 0 && values.has(key))
      .sort((a, b) => b.at - a.at)
      .reduce(
        (text, { key, value, at }) => text.slice(0, at) + values.get(key)! + text.slice(at + value.length),
        alike.answer,
      );
  });
}

/** Largest for the lists that share most attributes and differ in the fewest. */
function overlap(list: ReadonlyMap<string, string>, values: ReadonlyMap<string, string>): number {
  const shared = [...values.keys()].filter((key) => list.has(key)).length;
  return 3 * shared - list.size - values.size;
}
