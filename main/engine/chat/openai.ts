/** OpenAI's API as the endpoint speaks it: requests as its clients send them, and answers, events and refusals as they travel. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { AppError, reasonOf } from '../../../common/errors.ts';
import type { TemplateMessage } from '../data/tokens/tokenizer-types.ts';

const MOST_BODY_BYTES = 16e6;

/** What a client did wrong. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The body of a request. Throws a Refusal where it is too large or no JSON. */
export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BODY_BYTES)
      throw new Refusal(413, 'too_large', `A request may have ${MOST_BODY_BYTES / 1e6} MB.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refusal(400, 'invalid_json', 'The request is not valid JSON.');
  }
}

/** `body` as `schema` says it must be. Throws a Refusal that names the first field that is not. */
export function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const what = message.endsWith('received undefined') ? 'It is missing' : message;
  throw new Refusal(400, 'invalid_request', `${path.length > 0 ? `${path.join('.')}: ` : ''}${what}.`);
}

export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof AppError) return new Refusal(400, error.code, `${error.message} ${error.hint}`.trim());
  return new Refusal(500, 'internal', `Something in Fettle went wrong${reasonOf(error)}.`);
}

export function errorBody({ status, code, message }: Refusal) {
  const type =
    status === 401 ? 'authentication_error' : status < 500 ? 'invalid_request_error' : 'server_error';
  return { error: { message, type, param: null, code } };
}

/** Answers with JSON; gives 0, the tokens that were made for it. */
export function send(response: ServerResponse, status: number, body: object): number {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
  return 0;
}

/** Begins a stream of events. */
export function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
}

export function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

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
