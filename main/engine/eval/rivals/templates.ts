/** The best template: the wording of a training answer, filled with the values of a new prompt. */

import type { AnsweredText } from '../answered-text.ts';
import { type Attribute, type Slots, type Template, templateOf } from '../assess/slots.ts';
import { chrfBetween, chrfGrams } from '../assess/task.ts';

/** Training answers that are worded alike: they fill the same attributes, and tell the same others in words of their own. */
interface Wording {
  readonly filled: readonly string[];
  readonly inWords: readonly string[];
  readonly templates: { readonly template: Template; readonly keys: readonly string[] }[];
}

/** Templates of a wording, of which the one most like the others is taken. */
const MOST_ALIKE = 8;

/** For each of `prompts`, which are lists of attributes, the answer by the best template of the rows `taught`; empty where none can be filled. */
export function templateAnswers(
  slots: Slots,
  taught: readonly AnsweredText[],
  prompts: readonly string[],
): string[] {
  const wordings = wordingsOf(slots, taught);
  return prompts.map((prompt) => {
    const { slots: filling, others } = slots.attributesOf(prompt);
    const values = new Map(filling.map(({ key, value }) => [key, value]));
    const attributes = [...filling, ...others];
    const keyOf = new Map(attributes.map((one) => [written(one), one.key]));
    let [best, fitting]: [number, Wording | null] = [Infinity, null];
    for (const one of wordings) {
      if (one.filled.some((key) => !values.has(key))) continue;
      const wrong = one.inWords.filter((each) => !keyOf.has(each)).length;
      const right = one.inWords.length - wrong;
      const misfit = wrong + attributes.length - right - one.filled.length;
      if (misfit < best) [best, fitting] = [misfit, one];
    }
    return mostAlike((fitting?.templates ?? []).map(({ template, keys }) => filled(template, keys, values)));
  });
}

/** The wordings of the training rows, the most frequent first. */
function wordingsOf(slots: Slots, taught: readonly AnsweredText[]): Wording[] {
  const wordings = new Map<string, Wording>();
  const counts = new Map<Wording, number>();
  for (const { text, answer } of taught) {
    const { slots: own, others } = slots.attributesOf(text);
    const template = templateOf(
      answer,
      own.map(({ value }) => value),
    );
    const used = new Set(template.flatMap((part) => (typeof part === 'string' ? [] : [part.slot])));
    const keys = own.map(({ key }) => key);
    const fills = [...new Set([...used].map((slot) => keys[slot]!))].sort();
    const inWords = [...own.filter((_, slot) => !used.has(slot)), ...others].map(written).sort();
    const name = JSON.stringify([fills, inWords]);
    const wording = wordings.get(name) ?? { filled: fills, inWords, templates: [] };
    if (wording.templates.length < MOST_ALIKE) wording.templates.push({ template, keys });
    counts.set(wording, (counts.get(wording) ?? 0) + 1);
    wordings.set(name, wording);
  }
  return [...wordings.values()].sort((a, b) => counts.get(b)! - counts.get(a)!);
}

function written({ key, value }: Attribute): string {
  return `${key}\n${value}`;
}

function filled(template: Template, keys: readonly string[], values: ReadonlyMap<string, string>): string {
  return template.map((part) => (typeof part === 'string' ? part : values.get(keys[part.slot]!)!)).join('');
}

/** Of texts the one that is most similar to all the others. */
export function mostAlike(texts: readonly string[], others: readonly string[] = texts): string {
  const [own, compared] = [texts.map(chrfGrams), others.map(chrfGrams)];
  const closeness = own.map((one) => compared.reduce((sum, other) => sum + chrfBetween(one, other), 0));
  return texts[closeness.indexOf(Math.max(...closeness))] ?? '';
}
