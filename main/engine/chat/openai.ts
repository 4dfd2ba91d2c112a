/** The requests of OpenAI's API that the endpoint answers, as its clients send them. What is left out has the API's default. */
import { z } from 'zod';
import type { TemplateMessage } from '../data/tokens/tokenizer-types.ts';

const text = z.string();
const parts = z.array(z.looseObject({ type: z.literal('text'), text }));
const called = z.looseObject({
  id: z.string().optional(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z
    .union([text, parts, z.null()], { error: 'Only text can be read, no images or sound' })
    .optional(),
  tool_calls: z.array(called).nullish(),
  tool_call_id: z.string().nullish(),
  name: z.string().nullish(),
  reasoning_content: z.string().nullish(),
});

const tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name: z.string(),
    description: z.string().nullish(),
    parameters: z.looseObject({}).nullish(),
  }),
});

const format = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({ schema: z.looseObject({}) }),
  }),
]);

const sampling = {
  model: z.string().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  seed: z.int().nullish(),
  // editors send all that may follow a line of code
  stop: z.union([text, z.array(text).max(32)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.literal(1, { error: 'One answer at a time can be asked for' }).nullish(),
  logprobs: z.literal(false, { error: 'Log-probabilities are not given here' }).nullish(),
};

export const ChatRequest = z.looseObject({
  ...sampling,
  messages: z.array(message).min(1),
  max_completion_tokens: z.int().min(1).nullish(),
  tools: z.array(tool).nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string() }) }),
    ])
    .nullish(),
  response_format: format.nullish(),
  functions: z.null({ error: 'Send them as "tools"' }).optional(),
});

export const CompletionRequest = z.looseObject({
  ...sampling,
  prompt: z
    .union([text, z.array(text)], { error: 'Only text can be continued, no token ids' })
    .refine((prompt) => typeof prompt === 'string' || prompt.length === 1, {
      error: 'One prompt at a time can be sent',
    }),
  /** What comes after the text to be written. */
  suffix: text.nullish(),
});

export const EmbeddingRequest = z.looseObject({
  model: z.string().nullish(),
  input: z.union([text, z.array(text).min(1).max(256)], {
    error: 'Send a text, or up to 256 of them: ids of another tokenizer mean nothing here',
  }),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.null({ error: 'The embeddings of a model have one size' }).optional(),
});

export type ChatRequest = z.output<typeof ChatRequest>;
export type CompletionRequest = z.output<typeof CompletionRequest>;
export type EmbeddingRequest = z.output<typeof EmbeddingRequest>;
export type SamplingRequest = Pick<CompletionRequest, Exclude<keyof typeof sampling, 'model'>>;

/** A message as chat templates take it: text alone, and calls whose arguments are values. */
export function templateMessage(message: ChatRequest['messages'][number]): TemplateMessage {
  const { role, content, tool_calls, tool_call_id, name, reasoning_content } = message;
  const calls = (tool_calls ?? []).map(({ id, function: { name, arguments: given } }) => ({
    ...(id !== undefined && { id }),
    type: 'function',
    function: { name, arguments: fromJson(given) },
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

function fromJson(json: string): unknown {
  // a call without arguments is sent as no text at all
  if (json.trim() === '') return {};
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
