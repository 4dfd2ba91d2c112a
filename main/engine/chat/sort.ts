/** Texts sorted into a sorter's categories, as vLLM's API has it: the likeliest label, and the probability of each. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { likeliest } from '../eval/generator.ts';
import type { AnsweringModel } from './conversation.ts';
import { likelyEnough } from './decide.ts';
import { refused, WITHOUT_EFFECT } from './fields.ts';
import { DECISIONS } from './openai-decide.ts';
import { singlePurpose } from './single-purpose.ts';
import type { Sorts } from './sorts.ts';
import type { Voice } from './speech.ts';
import { Refusal, type Reply, send } from './wire.ts';

export const SORTING = '/v1/classify';
/** Of a sorter of columns. */
export const DECIDING = '/v1/systemone';
/** All that a sorter is asked, and what it says to whoever asks for words or vectors. */
const ONLY = {
  routes: [SORTING, DECIDING, DECISIONS],
  refusal: () =>
    new Refusal(400, 'only_categories', `This model sorts texts and does nothing else. Use ${SORTING}.`),
} as const;

const MOST_TEXTS = 1000;
const text = z.string();

export const ClassifyRequest = z.strictObject({
  ...WITHOUT_EFFECT,
  input: z.union([text, z.array(text).min(1).max(MOST_TEXTS)], {
    error: `Send a text, or a list of up to ${MOST_TEXTS}`,
  }),
  priority: z.unknown().optional(),
  activation: refused('Probabilities are what a sorter gives', true),
  use_activation: refused('Probabilities are what a sorter gives', true),
  add_special_tokens: refused('A sorter reads texts as in training', true),
  truncate_prompt_tokens: refused('What is too long loses its end', -1),
  messages: refused('Send the text as "input"'),
});

export async function sortTexts(
  on: AnsweringModel,
  { input }: z.output<typeof ClassifyRequest>,
  { response, gone }: Reply,
): Promise<number> {
  const { sorts } = on;
  if (!sorts)
    throw new Refusal(
      400,
      'no_categories',
      'This model has no categories. Start a sorter: fettle run --run FOLDER, with a folder that fettle sorter has written.',
    );
  const { probabilities, tokens } = await on.inLine(1, () => sorts.of([input].flat(), gone));
  return send(response, 200, {
    id: `classify-${randomUUID()}`,
    object: 'list',
    created: Math.floor(Date.now() / 1000),
    model: on.name,
    data: probabilities.map((probs, index) => ({
      index,
      label: sorts.labels[likeliest(Float64Array.from(probs))],
      ...(sorts.from && { categories: likelyEnough(sorts.labels, probs, sorts.from) }),
      probs,
      num_classes: probs.length,
    })),
    // of vLLM's own answer only the label of the likeliest is known
    labels: sorts.labels,
    usage: { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0 },
  });
}

/** A sorter as the endpoint serves it. */
export function sortingVoice(sorts: Sorts): Voice {
  const about = { contextSize: 0, architecture: sorts.kind, weights: 'F64', close: () => sorts.close() };
  return { ...singlePurpose(ONLY, about), sorts };
}
