/** Typed questions about one text, as vLLM and others have them under /v1/systemone: a probability for each answer that is allowed. */
import { z } from 'zod';
import { likeliest } from '../eval/generator.ts';
import type { AnsweringModel } from './conversation.ts';
import { WITHOUT_EFFECT } from './fields.ts';
import type { DecidedQuestion } from './sorts.ts';
import { Refusal, type Reply, send } from './wire.ts';

const MOST_QUESTIONS = 64;
/** A text, or JSON that is read as text. */
const content = z.union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())]);
/** What is asked is fixed by what the sorter has learned: words about it change nothing. */
const asked = { instructions: content.optional() };

const Question = z.discriminatedUnion('type', [
  z.strictObject({
    ...asked,
    type: z.literal('choice'),
    criteria: z.record(z.string(), z.unknown()).nullish(),
  }),
  z.strictObject({
    ...asked,
    type: z.literal('noul'),
    criteria: z.record(z.string(), z.unknown()).nullish(),
  }),
  z.strictObject({ ...asked, type: z.literal('score'), criteria: z.array(z.unknown()).nullish() }),
  z.strictObject({ ...asked, type: z.literal('several') }),
]);
export type Question = z.output<typeof Question>;

export const DecideRequest = z.strictObject({
  ...WITHOUT_EFFECT,
  state: content,
  questions: z.record(z.string().min(1).max(200), Question).refine(
    (questions) => {
      const count = Object.keys(questions).length;
      return count >= 1 && count <= MOST_QUESTIONS;
    },
    { error: `Ask 1 to ${MOST_QUESTIONS} questions` },
  ),
});

/** As System One has them; levels are counted from 0. Several categories of a text are Fettle's own. */
export type Answer =
  | {
      readonly type: 'several';
      readonly categories: readonly string[];
      readonly probabilities: Readonly<Record<string, number>>;
    }
  | { readonly type: 'noul'; readonly noul: number }
  | ({ readonly type: 'choice'; readonly choice: string } & Likely)
  | ({
      readonly type: 'score';
      readonly score: number;
      readonly legend: Readonly<Record<string, unknown>>;
    } & Likely);

interface Likely {
  readonly probabilities: Readonly<Record<string, number>>;
  readonly confidence: number;
}

/** A question with what the sorter knows of it. */
interface Known {
  readonly name: string;
  readonly asked: Question;
  readonly number: number;
  readonly question: DecidedQuestion;
}

export async function decide(
  on: AnsweringModel,
  { state, questions }: z.output<typeof DecideRequest>,
  { response, gone }: Reply,
): Promise<number> {
  const text = typeof state === 'string' ? state : JSON.stringify(state);
  const { answers, tokens } = await answersTo(on, text, Object.entries(questions), gone);
  return send(response, 200, {
    model: on.name,
    answers: Object.fromEntries(answers),
    usage: { input_tokens: tokens, output_tokens: 0 },
  });
}

/** The answers to questions about `text`, in their order. Throws a Refusal for one that the model was not trained for. */
export async function answersTo(
  on: AnsweringModel,
  text: string,
  questions: readonly (readonly [name: string, asked: Question])[],
  gone: AbortSignal,
): Promise<{ readonly answers: readonly (readonly [name: string, Answer])[]; readonly tokens: number }> {
  const decisions = on.sorts?.decisions;
  if (!decisions)
    throw new Refusal(
      400,
      'no_decisions',
      'This model was trained for no questions. Start a sorter of columns: fettle run --run FOLDER, with a folder of fettle sorter --answer.',
    );
  const known = questions.map(([name, one]) => knownAs(name, one, decisions.questions));
  const { probabilities, tokens } = await on.inLine(1, () => decisions.of(text, gone));
  const answers = known.map((one) => [one.name, answerOf(one, probabilities[one.number]!)] as const);
  return { answers, tokens };
}

/** Throws where the sorter was not trained for the question, with its name. */
function knownAs(name: string, one: Question, questions: readonly DecidedQuestion[]): Known {
  const refuse = (code: string, why: string): never => {
    throw new Refusal(400, code, `questions.${name}: ${why}`);
  };
  const number = questions.findIndex((question) => question.name === name);
  const question = questions[number];
  if (!question) {
    const names = questions.map((each) => `${each.name} (${each.type})`).join(', ');
    return refuse('unknown_question', `This model was not trained for it. It answers ${names}.`);
  }
  if (question.type !== one.type)
    refuse('wrong_type', `It was trained as ${question.type}, not as ${one.type}.`);
  if (one.type === 'choice') {
    const other = Object.keys(one.criteria ?? {}).find((option) => !question.options.includes(option));
    if (other !== undefined)
      refuse(
        'unknown_option',
        `This model was not trained for the option "${other}". It knows ${question.options.join(', ')}.`,
      );
  }
  if (one.type === 'score' && one.criteria && one.criteria.length !== question.options.length)
    refuse(
      'other_levels',
      `This model was trained for ${question.options.length} levels: ${question.options.join(', ')}.`,
    );
  return { name, asked: one, number, question };
}

/** The categories that are likely enough, each by a limit of its own. */
export function likelyEnough(
  categories: readonly string[],
  chances: readonly number[],
  from: readonly number[] = [],
): readonly string[] {
  return categories.filter((_, i) => chances[i]! >= from[i]!);
}

function answerOf({ asked: one, question }: Known, chances: readonly number[]): Answer {
  if (one.type === 'several')
    return {
      type: 'several',
      categories: likelyEnough(question.options, chances, question.from),
      probabilities: Object.fromEntries(question.options.map((option, i) => [option, chances[i]!])),
    };
  if (one.type === 'noul') return { type: 'noul', noul: chances[0]! };
  if (one.type === 'choice') {
    const named = Object.keys(one.criteria ?? {});
    const options = named.length > 0 ? named : question.options;
    const of = options.map((option) => chances[question.options.indexOf(option)]!);
    const total = of.reduce((sum, chance) => sum + chance, 0);
    // among those that are named
    const shares = of.map((chance) => (total > 0 ? chance / total : 1 / of.length));
    return {
      type: 'choice',
      choice: options[likeliest(Float64Array.from(shares))]!,
      probabilities: Object.fromEntries(options.map((option, i) => [option, shares[i]!])),
      confidence: confidenceOf(shares),
    };
  }
  const levels = one.criteria ?? question.options;
  return {
    type: 'score',
    score: chances.reduce((sum, chance, level) => sum + level * chance, 0),
    legend: Object.fromEntries(levels.map((level, i) => [i, level])),
    probabilities: Object.fromEntries(chances.map((chance, i) => [i, chance])),
    confidence: confidenceOf(chances),
  };
}

/** 1 where one option has all, 0 where all are as likely. */
function confidenceOf(chances: readonly number[]): number {
  const { length } = chances;
  return length < 2 ? 1 : (length * Math.max(...chances) - 1) / (length - 1);
}
