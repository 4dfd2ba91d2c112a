/** Judges answers against wanted ones by the scores that fit the kind of task, row by row and in all. */
import type { Confusion, Estimate, Variant, VariantScores } from '../../../../common/protocol/protocol.ts';
import { spokenCalls } from '../../data/rows/tool-calls.ts';
import { mean, rate, rateDifference } from './statistics.ts';
import {
  allRight,
  callsRight,
  chrf,
  fieldsRight,
  normalised,
  parseObject,
  shownValue,
  type Task,
} from './task.ts';

/** Which score decides for a kind of task: rows right, or for free text likeness. */
export function decidingScore(task: Task): 'right' | 'chrf' {
  return task.kind === 'free' ? 'chrf' : 'right';
}

/** Whether an answer is right: the same words, for JSON the same object, for calls the same tools with the same arguments. */
export function isRightAnswer(task: Task, said: string, wanted: string): boolean {
  if (task.kind === 'calls') return callsRight(said, wanted).whole;
  const object = task.kind === 'json' ? parseObject(wanted) : null;
  return object ? allRight(parseObject(said), object) : normalised(said) === normalised(wanted);
}

export function scoreOf(task: Task, said: string, wanted: string): number {
  if (decidingScore(task) === 'chrf') return chrf(said, wanted);
  return isRightAnswer(task, said, wanted) ? 1 : 0;
}

/** The label that an answer gives: itself, or the value of the label field; null for none. */
export function labelOf(task: Task, answer: string): string | null {
  if (task.kind === 'label') return task.labels.find((one) => normalised(one) === normalised(answer)) ?? null;
  const object = task.field === null ? null : parseObject(answer);
  if (!object || !Object.hasOwn(object, task.field!)) return null;
  return shownValue(object[task.field!]);
}

/** All scores of one variant; `after` are the trained model's answers to the same rows. */
export function variantScores(
  task: Task,
  variant: Variant,
  { said, wanted, after }: Record<'said' | 'wanted' | 'after', readonly string[]>,
  seed: number,
): VariantScores {
  const own = said.map((text, i) => scoreOf(task, text, wanted[i]!));
  const trained = after.map((text, i) => scoreOf(task, text, wanted[i]!));
  const gain = differenceOf(task, own, trained, seed);
  const base = { variant, rows: said.length, gain };
  if (task.kind === 'free') {
    return { ...base, chrf: mean(own, seed, [0, 1]), lengthRatio: charactersOf(said) / charactersOf(wanted) };
  }
  const right = share(own.map((score) => score === 1));
  if (task.kind === 'short') {
    const alike = said.map((text, i) => chrf(text, wanted[i]!));
    return { ...base, right, chrf: mean(alike, seed, [0, 1]) };
  }
  if (task.kind === 'calls') return { ...base, right, ...callScores(said, wanted) };
  const hasLabels = task.labels.length > 0;
  const labelRight = share(said.map((text, i) => sameLabel(task, text, wanted[i]!)));
  if (task.kind !== 'json') return { ...base, right, labelRight };
  return { ...base, right, ...(hasLabels && { labelRight }), ...jsonScores(said, wanted) };
}

/** The difference of the deciding score, `second` minus `first`, on the same rows. */
function differenceOf(
  task: Task,
  first: readonly number[],
  second: readonly number[],
  seed: number,
): Estimate {
  if (decidingScore(task) === 'chrf')
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
