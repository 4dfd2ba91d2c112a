/** Reads what a teacher said: the category, the JSON or the text in it, and how far several samples agree. */
import type { AnswerKind, Choice } from '../../../../common/extras/teacher/kinds.ts';
import { canonical, chrfBetween, chrfGrams, normalised, parseObject } from '../../eval/assess/task.ts';
import { placeIn } from '../../eval/classify/closed-set.ts';

/** An answer in the wanted form, or null. */
export type Reading = (said: string) => string | null;

/** What stands before an answer of a model that thinks aloud, and around one. */
const THOUGHT = /<think>[\s\S]*?(?:<\/think>|$)/g;
const AROUND = /^(?:answer|category|label|output)\s*:\s*|^[\s"'`*“”„]+|[\s"'`*“”„.]+$/gi;

export function readingOf(
  kind: AnswerKind,
  answers: readonly string[],
  fields: ReadonlySet<string>,
): Reading {
  const clean = (said: string) => said.replace(THOUGHT, '').trim();
  if (kind === 'categories') {
    const named = namedIn(answers);
    return (said) => named(clean(said));
  }
  if (kind === 'free') return (said) => clean(said) || null;
  return (said) => {
    const object = parseObject(clean(said));
    if (!object) return null;
    const names = Object.keys(object);
    const isWhole = names.length > 0 && names.every((name) => fields.has(name));
    return isWhole ? JSON.stringify(object) : null;
  };
}

/** The category that a text is, or the one that it names; null where it names none or several. */
function namedIn(answers: readonly string[]): Reading {
  const place = placeIn(answers);
  const plain = answers
    .map((answer) => ({ answer, text: normalised(answer) }))
    .sort((a, b) => b.text.length - a.text.length);
  return (said) => {
    const whole = [said, said.replace(AROUND, '').replace(AROUND, '')].map(place).find((at) => at >= 0);
    if (whole !== undefined) return answers[whole]!;
    const object = parseObject(said);
    const values = object ? Object.values(object) : [];
    if (values.length === 1 && typeof values[0] === 'string') {
      const at = place(values[0]);
      return at < 0 ? null : answers[at]!;
    }
    let left = normalised(said);
    const found = plain.filter(({ text }) => {
      const at = wordAt(left, text);
      // a longer name may hold a shorter one
      if (at >= 0) left = left.replaceAll(text, ' | ');
      return at >= 0;
    });
    return found.length === 1 ? found[0]!.answer : null;
  };
}

/** Where `name` stands in `text` between spaces or marks; -1 where it doesn't. */
function wordAt(text: string, name: string): number {
  for (let at = text.indexOf(name); name !== '' && at >= 0; at = text.indexOf(name, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + name.length] ?? ' '];
    if (!/[\p{L}\p{N}_]/u.test(before) && !/[\p{L}\p{N}_]/u.test(after)) return at;
  }
  return -1;
}

export interface Votes {
  /** Most votes first. */
  readonly choices: readonly Choice[];
  readonly agreement: number;
}

/** Free texts that are so alike on average say the same. */
const ALIKE = 0.6;

/** What `samples` come to; null stands for one that could not be read. */
export function votesOf(kind: AnswerKind, samples: readonly (string | null)[]): Votes {
  const read = samples.filter((one) => one !== null);
  if (kind === 'free') return alikeVotes(read, samples.length);
  const keyOf = kind === 'json' ? (answer: string) => canonical(parseObject(answer)) : normalised;
  const choices = [...Map.groupBy(read, keyOf).values()]
    .map((same) => ({ answer: same[0]!, votes: same.length }))
    .sort((a, b) => b.votes - a.votes);
  return { choices, agreement: (choices[0]?.votes ?? 0) / Math.max(1, samples.length) };
}

/** The text that is most like the others comes first. */
function alikeVotes(read: readonly string[], samples: number): Votes {
  const distinct = [...Map.groupBy(read, (text) => text).values()].map((same) => ({
    answer: same[0]!,
    votes: same.length,
    grams: chrfGrams(same[0]!),
  }));
  const similarities = distinct.map((one) => {
    const others = distinct.filter((other) => other !== one);
    const sum = others.reduce((total, { grams, votes }) => total + votes * chrfBetween(grams, one.grams), 0);
    return (sum + one.votes - 1) / Math.max(1, read.length - 1);
  });
  const order = distinct.map((_, i) => i).sort((a, b) => similarities[b]! - similarities[a]!);
  const alike = read.length < 2 ? 0 : (similarities[order[0] ?? 0] ?? 0);
  return {
    choices: order.map((i) => ({ answer: distinct[i]!.answer, votes: distinct[i]!.votes })),
    agreement: alike * (read.length / Math.max(1, samples)),
  };
}

export function isAgreed(kind: AnswerKind, { agreement }: Votes): boolean {
  return kind === 'free' ? agreement >= ALIKE : agreement === 1;
}
