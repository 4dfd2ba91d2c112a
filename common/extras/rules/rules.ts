/** Rules that check answers in a person's place: each passes or fails one, with a score and a reason. */
import { z } from 'zod';

const words = z.string().trim().min(1).max(2000);
const bound = z.number().optional();

/** One rule; where a row has an answer of its own, some compare with that. */
export const Rule = z.discriminatedUnion('kind', [
  /** JSON and nothing else; `schema` is the text of a JSON schema. */
  z.object({ kind: z.literal('json'), schema: z.string().max(100_000).optional() }),
  /** The row's own answer: as JSON by its values, otherwise but for case, spaces and closing marks. */
  z.object({ kind: z.literal('equals') }),
  z.object({ kind: z.literal('contains'), text: words }),
  z.object({ kind: z.literal('matches'), pattern: words }),
  /** The last number of the answer lies within, or without bounds is that of the row's own answer. */
  z.object({ kind: z.literal('number'), least: bound, most: bound }),
  z.object({ kind: z.literal('words'), least: bound, most: bound }),
  z.object({ kind: z.literal('characters'), least: bound, most: bound }),
  /** ISO 639-1, such as `de`. */
  z.object({ kind: z.literal('language'), language: z.string().regex(/^[a-z]{2}$/) }),
  /** The calls of the row's own answer, or any call of the named tool. */
  z.object({ kind: z.literal('tool'), name: words.optional() }),
  /** A JavaScript function `(answer, row)` that gives true or false, a score from 0 to 1, or both with a reason. */
  z.object({ kind: z.literal('script'), code: z.string().min(1).max(100_000) }),
]);
export type Rule = z.output<typeof Rule>;
export type RuleKind = Rule['kind'];

export const RULE_KINDS = Rule.options.map(({ shape }) => shape.kind.value);

/** All of them must hold. */
export const Rules = z.array(Rule).min(1).max(10);

/** What is judged beside an answer: the question, and the row's own answer where it has one. */
export interface JudgedRow {
  readonly question: string;
  readonly answer?: string;
}

/** What all rules together say of an answer. */
export interface Judgement {
  readonly passes: boolean;
  /** From 0 to 1: the mean of the rules; 1 where all hold. */
  readonly score: number;
  /** Why it does not pass; empty where it does. */
  readonly reason: string;
}

/** Whether a rule compares with the row's own answer. */
export function needsAnswers(rules: readonly Rule[]): boolean {
  return rules.some(
    (rule) =>
      rule.kind === 'equals' ||
      (rule.kind === 'tool' && rule.name === undefined) ||
      (rule.kind === 'number' && rule.least === undefined && rule.most === undefined),
  );
}
