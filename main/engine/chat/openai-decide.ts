/** OpenAI's decisions: the typed questions of decide.ts, as a list, in OpenAI's names. */
import { z } from 'zod';
import type { AnsweringModel } from './conversation.ts';
import { type Answer, answersTo, type Question } from './decide.ts';
import { refused, WITHOUT_EFFECT } from './fields.ts';
import { Refusal, type Reply, send } from './wire.ts';

export const DECISIONS = '/v1/decisions';
const MOST_QUESTIONS = 64;

const anything = z.unknown().optional();
const part = z.looseObject({ type: z.literal('input_text'), text: z.string() });
const Message = z.looseObject({
  type: z.literal('message').optional(),
  role: z.literal('user', { error: 'A sorter reads messages of the user alone' }),
  content: z.union([z.string(), z.array(part)], { error: 'A sorter reads texts (input_text) alone' }),
});

/** What is asked is fixed by what the sorter has learned: words about it change nothing. */
const asked = {
  instructions: anything,
  name: z.string({ error: 'Name the question by the column that answers it' }).min(1).max(200),
};
const OpenAiQuestion = z.discriminatedUnion('type', [
  z.strictObject({ ...asked, type: z.literal('predicate') }),
  z.strictObject({
    ...asked,
    type: z.literal('choice'),
    choices: z
      .array(z.looseObject({ value: z.union([z.string(), z.boolean()]) }))
      .min(1)
      .max(255),
  }),
  z.strictObject({
    ...asked,
    type: z.literal('score'),
    levels: z
      .array(z.looseObject({ label: z.string() }))
      .min(1)
      .max(255),
  }),
]);
type OpenAiQuestion = z.output<typeof OpenAiQuestion>;

export const DecisionsRequest = z.strictObject({
  ...WITHOUT_EFFECT,
  prompt_cache_options: anything,
  stream: refused('Answers come at once', false, null),
  input: z.union([z.string(), z.array(Message).min(1)]),
  questions: z
    .array(OpenAiQuestion)
    .min(1)
    .max(MOST_QUESTIONS, { error: `Ask 1 to ${MOST_QUESTIONS} questions` }),
});

export async function decideAsOpenAi(
  on: AnsweringModel,
  { input, questions }: z.output<typeof DecisionsRequest>,
  { response, gone }: Reply,
): Promise<number> {
  const text = typeof input === 'string' ? input : input.map(({ content }) => textOf(content)).join('\n');
  const named = questions.map((one) => [one.name, questionOf(one)] as const);
  const { answers, tokens } = await answersTo(on, text, named, gone);
  return send(response, 200, {
    model: on.name,
    answers: answers.map(([name, answer], i) => ({ name, ...inOpenAiNames(answer, questions[i]!) })),
    usage: {
      input_tokens: tokens,
      output_tokens: 0,
      total_tokens: tokens,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
  });
}

const textOf = (content: string | readonly { readonly text: string }[]): string =>
  typeof content === 'string' ? content : content.map(({ text }) => text).join('\n');

function questionOf(one: OpenAiQuestion): Question {
  if (one.type === 'predicate') return { type: 'noul' };
  if (one.type === 'score') return { type: 'score', criteria: one.levels.map(({ label }) => label) };
  const values = one.choices.map(({ value }) => String(value));
  if (new Set(values).size < values.length)
    throw new Refusal(400, 'invalid_request', `questions.${one.name}: Two choices are the same.`);
  return { type: 'choice', criteria: Object.fromEntries(values.map((value) => [value, null])) };
}

function inOpenAiNames(answer: Answer, question: OpenAiQuestion): object {
  if (answer.type === 'several') return answer;
  if (answer.type === 'noul') return { type: 'predicate', probability: answer.noul };
  const { type, confidence, probabilities } = answer;
  if (answer.type === 'score')
    return {
      type,
      confidence,
      score: answer.score,
      probabilities: Object.entries(probabilities).map(([level, probability]) => ({
        value: Number(level),
        label: String(answer.legend[level]),
        probability,
      })),
    };
  // a boolean comes back as one
  const given = 'choices' in question ? question.choices.map(({ value }) => value) : [];
  const asGiven = (option: string) => given.find((value) => String(value) === option) ?? option;
  return {
    type,
    confidence,
    choice: asGiven(answer.choice),
    probabilities: Object.entries(probabilities).map(([option, probability]) => ({
      value: asGiven(option),
      probability,
    })),
  };
}
