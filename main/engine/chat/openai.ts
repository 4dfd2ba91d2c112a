/** Requests of OpenAI's chat and text completions and embeddings, and of those that servers beside it have added to. */
import { z } from 'zod';
import type { TemplateMessage } from '../data/tokens/tokenizer-types.ts';
import { ids, logitBias, message, refused, SAMPLING, tool, WHICH_CALL, WITHOUT_EFFECT } from './fields.ts';
import { shallow } from './wire.ts';

const text = z.string();

/** Answers that one request may ask for. */
const MOST_ANSWERS = 16;
const MOST_ALTERNATIVES = 20;

const format = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({ schema: z.looseObject({}) }),
  }),
]);

const GENERAL = {
  ...WITHOUT_EFFECT,
  ...SAMPLING,
  logit_bias: logitBias,
  stream: z.boolean().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).optional(),
  n: z.int().min(1).max(MOST_ANSWERS).optional(),
};

export const ChatRequest = z.strictObject({
  ...GENERAL,
  messages: z.array(message).min(1),
  max_tokens: z.int().min(1).optional(),
  max_completion_tokens: z.int().min(1).optional(),
  logprobs: z.boolean().optional(),
  top_logprobs: z.int().min(0).max(MOST_ALTERNATIVES).optional(),
  tools: z.array(tool).optional(),
  tool_choice: z
    .union([
      z.enum(WHICH_CALL),
      z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: text }) }),
    ])
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
  response_format: format.optional(),
  /** For templates that know it. */
  reasoning_effort: text.optional(),
  chat_template_kwargs: z.record(text, z.unknown()).optional(),
  functions: refused('Send them as "tools"', []),
  function_call: refused('Send it as "tool_choice"', 'none', 'auto'),
  modalities: refused('Only text can be written', ['text']),
  audio: refused('Only text can be written'),
  prediction: refused('The answer is written without one'),
  web_search_options: refused('Nothing is searched here'),
  verbosity: refused('Ask for it in the instructions', 'medium'),
});

export const CompletionRequest = z.strictObject({
  ...GENERAL,
  prompt: z.union(
    [text, z.array(text).min(1).max(MOST_ANSWERS), ids, z.array(ids).min(1).max(MOST_ANSWERS)],
    {
      error: `Send a text, its token ids, or a list of up to ${MOST_ANSWERS} of either`,
    },
  ),
  max_tokens: z.int().min(0).optional(),
  /** What comes after the text to be written. */
  suffix: text.optional(),
  echo: z.boolean().optional(),
  logprobs: z.int().min(0).max(MOST_ALTERNATIVES).optional(),
  best_of: refused('Ask for "n" answers', 1),
});

/** Texts that one request may have embedded. */
const MOST_TEXTS = 256;

export const embedded = z.union(
  [text, z.array(text).min(1).max(MOST_TEXTS), ids, z.array(ids).min(1).max(MOST_TEXTS)],
  {
    error: `Send a text, its token ids, or a list of up to ${MOST_TEXTS} of either`,
  },
);

export const EmbeddingRequest = z.strictObject({
  ...WITHOUT_EFFECT,
  input: embedded,
  encoding_format: z.enum(['float', 'base64']).optional(),
  dimensions: z.int().min(1).optional(),
});

export type ChatRequest = z.output<typeof ChatRequest>;
export type CompletionRequest = z.output<typeof CompletionRequest>;
export type EmbeddingRequest = z.output<typeof EmbeddingRequest>;

/** Texts or their token ids, one or several, as a list. */
export function asList(
  input: string | readonly string[] | readonly number[] | readonly (readonly number[])[],
) {
  if (typeof input === 'string') return [input];
  return typeof input[0] === 'number'
    ? [input as readonly number[]]
    : (input as readonly (string | readonly number[])[]);
}

/** A message as chat templates take it: text alone, and calls whose arguments are values. */
export function templateMessage(message: ChatRequest['messages'][number]): TemplateMessage {
  const { role, content, tool_calls, tool_call_id, name, reasoning_content } = message;
  const calls = (tool_calls ?? []).map(({ id, function: { name, arguments: given } }) => ({
    ...(id !== undefined && { id }),
    type: 'function',
    function: { name, arguments: argumentsOf(given) },
  }));
  return {
    role: role === 'developer' ? 'system' : role,
    content: typeof content === 'string' ? content : (content ?? []).map((part) => part.text).join(''),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(tool_call_id && { tool_call_id }),
    ...(name && { name }),
    ...(reasoning_content && { reasoning_content }),
  };
}

/** The arguments of a call, from the JSON that a client sends back. */
export function argumentsOf(json: string): unknown {
  // a call without arguments is sent as no text at all
  if (json.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return json;
  }
  return shallow(value);
}
