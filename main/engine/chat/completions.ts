/** The answers of OpenAI's API: chat and text completions, whole or as a stream, and embeddings. Each gives the number of new tokens. */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { reasonOf } from '../../../common/errors.ts';
import { spokenCalls, type Tool } from '../data/rows/tool-calls.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { toolVariables } from '../data/tokens/tool-places.ts';
import {
  begin,
  type ChatRequest,
  type CompletionRequest,
  type EmbeddingRequest,
  event,
  Refusal,
  send,
  templateMessage,
} from './openai.ts';
import { type Spoken, speak, type Task, taskOf, tooLong, type Voice } from './speech.ts';

/** The model that answers. */
export interface Answering extends Voice {
  /** What clients call it. */
  readonly name: string;
  /** Does `work` when nobody else is answered. */
  inLine<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** What may begin a call of a tool, in any notation. */
const CALL_BEGINS = /[<[{]/;

export async function chat(
  on: Answering,
  request: ChatRequest,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<number> {
  const tools = request.tool_choice === 'none' ? [] : (request.tools ?? []);
  const { tool_choice: choice } = request;
  const mustCall = choice === 'required' || (typeof choice === 'object' && choice !== null);
  const task: Task = {
    ...taskOf(
      request,
      chatIds(on, request, tools),
      request.max_completion_tokens ?? request.max_tokens,
      on.speaker,
    ),
    ...(tools.length > 0 && { showsSpecial: true }),
  };
  const { sampling } = task;
  const grammar = await grammarFor(on, mustCall ? callSchema(request) : schemaOf(request));
  const full = { ...task, sampling: { ...sampling, ...(grammar && { grammar }) } };
  const head = headOf(on, 'chatcmpl', request.stream ? 'chat.completion.chunk' : 'chat.completion');
  const chunk = (delta: object, finish: string | null = null) =>
    event({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] });
  let [shown, holdsBack] = ['', false];
  const onText = (text: string) => {
    if (!request.stream || holdsBack) return;
    // a call is known once it is whole; what stands before its first mark is text
    const until = tools.length > 0 ? text.search(CALL_BEGINS) : -1;
    holdsBack = until >= 0;
    const sure = holdsBack ? text.slice(0, until) : text;
    shown += sure;
    if (sure !== '') response.write(chunk({ content: sure }));
  };
  if (request.stream) begin(response);
  if (request.stream) response.write(chunk({ role: 'assistant', content: '' }));
  const spoken = await on.inLine(() => speak(on, full, gone, onText));
  const { content, calls } =
    tools.length > 0 ? spokenCalls(spoken.text) : { content: spoken.text, calls: [] };
  const toolCalls = calls.map((call, index) => ({
    ...(request.stream && { index }),
    id: `call_${randomUUID()}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
  const finish = toolCalls.length > 0 ? 'tool_calls' : spoken.reason;
  const said = { content: toolCalls.length > 0 && content === '' ? null : content };
  const asked = toolCalls.length > 0 ? { tool_calls: toolCalls } : {};
  if (!request.stream) {
    const message = { role: 'assistant', ...said, ...asked, refusal: null };
    send(response, 200, {
      ...head,
      choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
      usage: usage(spoken),
    });
    return spoken.newTokens;
  }
  // of a text with calls the white space around them is gone
  const rest = toolCalls.length > 0 ? content.slice(shown.trim().length) : content.slice(shown.length);
  if (rest !== '' || toolCalls.length > 0)
    response.write(chunk({ ...(rest !== '' && { content: rest }), ...asked }));
  response.write(chunk({}, finish));
  return finished(response, request, head, spoken);
}

export async function complete(
  on: Answering,
  request: CompletionRequest,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<number> {
  const prompt = [request.prompt].flat()[0]!;
  const ids = on.tokenizer.encode(withGap(on.tokenizer, prompt, request.suffix), { addSpecial: true });
  const task = taskOf(request, ids, request.max_tokens ?? 16, on.speaker);
  const head = headOf(on, 'cmpl', 'text_completion');
  const choice = (text: string, finish: string | null) => ({
    index: 0,
    text,
    logprobs: null,
    finish_reason: finish,
  });
  if (request.stream) begin(response);
  const onText = (text: string) => void response.write(event({ ...head, choices: [choice(text, null)] }));
  const spoken = await on.inLine(() => speak(on, task, gone, request.stream ? onText : () => {}));
  if (!request.stream) {
    send(response, 200, { ...head, choices: [choice(spoken.text, spoken.reason)], usage: usage(spoken) });
    return spoken.newTokens;
  }
  response.write(event({ ...head, choices: [choice('', spoken.reason)] }));
  return finished(response, request, head, spoken);
}

export async function embed(
  on: Answering,
  { input, encoding_format }: EmbeddingRequest,
  response: ServerResponse,
): Promise<number> {
  const texts = [input].flat().map((text) => on.tokenizer.encode(text, { addSpecial: true }));
  const { contextSize } = on.speaker;
  const long = texts.find((ids) => ids.length > contextSize || ids.length === 0);
  if (long) throw tooLong(long.length, contextSize);
  const data = await on.inLine(async () => {
    const vectors: object[] = [];
    for (const [index, ids] of texts.entries()) {
      const vector = await on.speaker.embed(ids);
      const embedding = encoding_format === 'base64' ? base64(vector) : vector;
      vectors.push({ object: 'embedding', index, embedding });
    }
    return vectors;
  });
  const prompt_tokens = texts.reduce((sum, ids) => sum + ids.length, 0);
  return send(response, 200, {
    object: 'list',
    data,
    model: on.name,
    usage: { prompt_tokens, total_tokens: prompt_tokens },
  });
}

function chatIds(
  { tokenizer }: Answering,
  { messages }: ChatRequest,
  tools: NonNullable<ChatRequest['tools']>,
): number[] {
  const { chat } = tokenizer;
  if (chat === null)
    throw new Refusal(
      400,
      'no_chat_template',
      'This model only continues text. Use /v1/completions, or start an instruction-tuned model.',
    );
  const variables = toolVariables(tools as readonly Tool[]);
  return tokenizer.encode(
    chat.render(messages.map(templateMessage), { addGenerationPrompt: true, variables }),
  );
}

/** Tokens that models which fill gaps put before a text, before what follows the gap, and before what fills it. */
const GAP_TOKENS = [
  ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'],
  ['<fim_prefix>', '<fim_suffix>', '<fim_middle>'],
] as const;

/** A text with a gap before `suffix`, as the model has learned to fill one. Throws a Refusal where it has not. */
export function withGap({ idOf }: Tokenizer, prompt: string, suffix: string | null | undefined): string {
  if (!suffix) return prompt;
  const tokens = GAP_TOKENS.find((all) => all.every((token) => idOf(token) !== undefined));
  if (tokens === undefined)
    throw new Refusal(
      400,
      'no_suffix',
      'This model has no tokens for a gap, so it reads no suffix. Leave the suffix out, or start a model such as Qwen2.5.',
    );
  return `${tokens[0]}${prompt}${tokens[1]}${suffix}${tokens[2]}`;
}

async function grammarFor({ speaker }: Answering, schema: object | null | undefined) {
  if (schema === undefined) return null;
  try {
    return await speaker.grammar(schema);
  } catch (cause) {
    throw new Refusal(400, 'invalid_schema', `llama.cpp can't follow this JSON schema${reasonOf(cause)}.`);
  }
}

function headOf({ name }: Answering, kind: string, object: string) {
  return {
    id: `${kind}-${randomUUID()}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: name,
  };
}

/** The schema of the answer that was asked for: null for any JSON, undefined for any text. */
function schemaOf({ response_format }: ChatRequest): object | null | undefined {
  if (response_format?.type === 'json_schema') return response_format.json_schema.schema;
  return response_format?.type === 'json_object' ? null : undefined;
}

/** The schema of a call of the tools, or of the one that was named. */
function callSchema({ tools, tool_choice }: ChatRequest): object {
  const named = typeof tool_choice === 'object' ? tool_choice?.function.name : undefined;
  const allowed = (tools ?? [])
    .map((tool) => tool.function)
    .filter(({ name }) => named === undefined || name === named);
  if (allowed.length === 0)
    throw new Refusal(
      400,
      'no_tool',
      named === undefined
        ? 'A call is required, but no tools were sent.'
        : `There is no tool "${named}" among those sent.`,
    );
  const calls = allowed.map(({ name, parameters }) => ({
    type: 'object',
    properties: { name: { const: name }, arguments: parameters ?? { type: 'object' } },
  }));
  return calls.length === 1 ? calls[0]! : { oneOf: calls };
}

/** Ends a stream; gives the number of new tokens. */
function finished(
  response: ServerResponse,
  { stream_options }: Pick<ChatRequest, 'stream_options'>,
  head: object,
  spoken: Spoken,
): number {
  if (stream_options?.include_usage) response.write(event({ ...head, choices: [], usage: usage(spoken) }));
  response.end('data: [DONE]\n\n');
  return spoken.newTokens;
}

function usage({ promptTokens, newTokens }: Spoken) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: newTokens,
    total_tokens: promptTokens + newTokens,
  };
}

function base64(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64');
}
