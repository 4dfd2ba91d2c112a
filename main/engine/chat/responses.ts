/** OpenAI's Responses API: a request, and its answer whole or as events. Nothing is kept, so none can be asked for again. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { TemplateMessage } from '../data/tokens/tokenizer-types.ts';
import { type AnsweringModel, answered, effortVariables, prepared } from './conversation.ts';
import { flatTool, refused, SAMPLING, WHICH_CALL, WITHOUT_EFFECT } from './fields.ts';
import { argumentsOf } from './openai.ts';
import { begin, event, type Reply, send } from './wire.ts';

const text = z.string();
const part = z.looseObject({ type: z.enum(['input_text', 'output_text', 'text']), text });

const item = z.union(
  [
    z.looseObject({
      type: z.literal('message').optional(),
      role: z.enum(['system', 'developer', 'user', 'assistant']),
      content: z.union([text, z.array(part)]),
    }),
    z.looseObject({ type: z.literal('function_call'), call_id: text, name: text, arguments: text }),
    z.looseObject({
      type: z.literal('function_call_output'),
      call_id: text,
      output: z.union([text, z.array(part)]),
    }),
    // what a model has thought before is not read again
    z.looseObject({ type: z.literal('reasoning') }),
  ],
  { error: 'Only messages of text, calls of functions and their results can be read' },
);

export const ResponseRequest = z.strictObject({
  ...WITHOUT_EFFECT,
  ...SAMPLING,
  input: z.union([text, z.array(item).min(1)], {
    error: 'Send a text, or a list of messages of text, calls of functions and their results',
  }),
  instructions: text.optional(),
  max_output_tokens: z.int().min(1).optional(),
  stream: z.boolean().optional(),
  stream_options: z.unknown().optional(),
  tools: z.array(flatTool).optional(),
  tool_choice: z
    .union([z.enum(WHICH_CALL), z.looseObject({ type: z.literal('function'), name: text })])
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
  text: z
    .looseObject({
      format: z
        .discriminatedUnion('type', [
          z.looseObject({ type: z.literal('text') }),
          z.looseObject({ type: z.literal('json_object') }),
          z.looseObject({ type: z.literal('json_schema'), schema: z.looseObject({}) }),
        ])
        .optional(),
    })
    .optional(),
  reasoning: z.looseObject({ effort: text.nullish() }).optional(),
  include: refused('Nothing can be included', []),
  top_logprobs: refused('Use /v1/chat/completions for log-probabilities', 0),
  previous_response_id: refused('Nothing is kept here: send the whole conversation as "input"'),
  conversation: refused('Nothing is kept here: send the whole conversation as "input"'),
  prompt: refused('No prompts are kept here: send its text'),
  background: refused('An answer is sent where it was asked for', false),
  truncation: refused('Shorten the conversation', 'disabled'),
  max_tool_calls: refused('Set parallel_tool_calls to false for one call'),
});

type ResponseRequest = z.output<typeof ResponseRequest>;

export async function respond(
  on: AnsweringModel,
  request: ResponseRequest,
  { response, gone }: Reply,
): Promise<number> {
  const { stream = false, tool_choice } = request;
  const ready = await prepared(on, {
    messages: messagesOf(request),
    tools: (request.tools ?? []).map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, description, parameters },
    })),
    call: tool_choice ?? 'auto',
    oneCall: request.parallel_tool_calls === false,
    schema: schemaOf(request),
    variables: effortVariables(request.reasoning?.effort ?? undefined),
    sampling: request,
    most: request.max_output_tokens,
  });
  return on.inLine(1, async () => {
    const telling = new Telling(responseOf(on, request), stream ? response : null);
    if (stream) begin(response);
    telling.begins();
    const { content, calls, spoken, finish } = await answered(on, ready, 0, gone, (said) =>
      telling.says(said),
    );
    telling.hasSaid(content, calls.length === 0);
    for (const call of calls) telling.calls(call.name, JSON.stringify(call.arguments));
    const [input_tokens, output_tokens] = [spoken.promptTokens, spoken.ids.length];
    const whole = telling.ends(finish === 'length', {
      input_tokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input_tokens + output_tokens,
    });
    if (stream) response.end();
    else send(response, 200, whole);
    return output_tokens;
  });
}

/** The items of an answer as they come, told of in events where there is a stream. */
class Telling {
  readonly #head: object;
  readonly #stream: Reply['response'] | null;
  readonly #output: object[] = [];
  readonly #message = `msg_${randomUUID()}`;
  #speaks = false;
  #sequence = 0;

  constructor(head: object, stream: Reply['response'] | null) {
    [this.#head, this.#stream] = [head, stream];
  }

  begins(): void {
    const response = { ...this.#head, status: 'in_progress' };
    this.#tell('response.created', { response });
    this.#tell('response.in_progress', { response });
  }

  says(delta: string): void {
    this.#opens();
    this.#tell('response.output_text.delta', { ...this.#place(), delta, logprobs: [] });
  }

  /** The whole of what was said; nothing is no message, unless it is the whole answer. */
  hasSaid(text: string, isAll: boolean): void {
    if (text === '' && !isAll && !this.#speaks) return;
    this.#opens();
    const part = { type: 'output_text', text, annotations: [], logprobs: [] };
    const item = this.#messageItem('completed', [part]);
    this.#tell('response.output_text.done', { ...this.#place(), text, logprobs: [] });
    this.#tell('response.content_part.done', { ...this.#place(), part });
    this.#tell('response.output_item.done', { output_index: 0, item });
    this.#output.push(item);
  }

  calls(name: string, given: string): void {
    const at = { output_index: this.#output.length };
    const id = `fc_${randomUUID()}`;
    const item = { type: 'function_call', id, call_id: `call_${randomUUID()}`, name };
    this.#tell('response.output_item.added', {
      ...at,
      item: { ...item, arguments: '', status: 'in_progress' },
    });
    this.#tell('response.function_call_arguments.delta', { ...at, item_id: id, delta: given });
    this.#tell('response.function_call_arguments.done', { ...at, item_id: id, name, arguments: given });
    const whole = { ...item, arguments: given, status: 'completed' };
    this.#tell('response.output_item.done', { ...at, item: whole });
    this.#output.push(whole);
  }

  /** The whole answer. */
  ends(isCut: boolean, usage: object): object {
    const response = {
      ...this.#head,
      status: isCut ? 'incomplete' : 'completed',
      incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
      output: this.#output,
      usage,
    };
    this.#tell(isCut ? 'response.incomplete' : 'response.completed', { response });
    return response;
  }

  #opens(): void {
    if (this.#speaks) return;
    this.#speaks = true;
    this.#tell('response.output_item.added', { output_index: 0, item: this.#messageItem('in_progress', []) });
    const part = { type: 'output_text', text: '', annotations: [], logprobs: [] };
    this.#tell('response.content_part.added', { ...this.#place(), part });
  }

  #messageItem(status: string, content: readonly object[]) {
    return { type: 'message', id: this.#message, status, role: 'assistant', content };
  }

  #place() {
    return { item_id: this.#message, output_index: 0, content_index: 0 };
  }

  #tell(type: string, more: object): void {
    this.#stream?.write(`event: ${type}\n${event({ type, sequence_number: this.#sequence++, ...more })}`);
  }
}

function responseOf({ name }: AnsweringModel, request: ResponseRequest) {
  return {
    id: `resp_${randomUUID()}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: request.metadata ?? {},
    model: name,
    output: [],
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: request.reasoning?.effort ?? null, summary: null },
    store: false,
    temperature: request.temperature ?? 1,
    text: request.text ?? { format: { type: 'text' } },
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    top_p: request.top_p ?? 1,
    truncation: 'disabled',
    usage: null,
  };
}

const plain = (content: string | readonly { readonly text: string }[]) =>
  typeof content === 'string' ? content : content.map((one) => one.text).join('');

function messagesOf({ input, instructions }: ResponseRequest): TemplateMessage[] {
  const messages: TemplateMessage[] =
    instructions === undefined ? [] : [{ role: 'system', content: instructions }];
  if (typeof input === 'string') return [...messages, { role: 'user', content: input }];
  for (const one of input) {
    if (one.type === 'function_call') {
      const { call_id: id, name, arguments: given } = one;
      const call = { id, type: 'function', function: { name, arguments: argumentsOf(given) } };
      const last = messages.at(-1);
      // calls that were made at once belong to one message, as does the text before them
      if (last?.role === 'assistant')
        messages.splice(-1, 1, { ...last, tool_calls: [...(last.tool_calls ?? []), call] });
      else messages.push({ role: 'assistant', content: '', tool_calls: [call] });
    } else if (one.type === 'function_call_output') {
      messages.push({ role: 'tool', tool_call_id: one.call_id, content: plain(one.output) });
    } else if (one.type !== 'reasoning') {
      const { role, content } = one;
      messages.push({ role: role === 'developer' ? 'system' : role, content: plain(content) });
    }
  }
  return messages;
}

function schemaOf({ text: asked }: ResponseRequest): object | null | undefined {
  const format = asked?.format;
  if (format?.type === 'json_schema') return format.schema;
  return format?.type === 'json_object' ? null : undefined;
}
