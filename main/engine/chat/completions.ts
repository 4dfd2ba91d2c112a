/** The answers of OpenAI's chat and text completions and embeddings. Each gives the number of new tokens. */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { type AnsweringModel, answered, effortVariables, prepared } from './conversation.ts';
import { chatLogProbs, scored, textLogProbs, within } from './log-probs.ts';
import {
  asList,
  type ChatRequest,
  type CompletionRequest,
  type EmbeddingRequest,
  templateMessage,
} from './openai.ts';
import { ofLengthOne } from './speaker.ts';
import { another, idsOf, promptOf, roomOf, type Spoken, speak, type Task, taskOf } from './speech.ts';
import { begin, event, Refusal, type Reply, send } from './wire.ts';

export async function chat(
  on: AnsweringModel,
  request: ChatRequest,
  { response, gone }: Reply,
): Promise<number> {
  const { stream, logprobs, top_logprobs, tool_choice, n = 1 } = request;
  const ready = await prepared(on, {
    messages: request.messages.map(templateMessage),
    tools: request.tools ?? [],
    call: typeof tool_choice === 'object' ? tool_choice.function : (tool_choice ?? 'auto'),
    oneCall: request.parallel_tool_calls === false,
    schema: schemaOf(request),
    variables: { ...effortVariables(request.reasoning_effort), ...request.chat_template_kwargs },
    sampling: request,
    most: request.max_completion_tokens ?? request.max_tokens,
  });
  const head = headOf(on, 'chatcmpl', stream ? 'chat.completion.chunk' : 'chat.completion');
  const chunk = (index: number, delta: object, finish: string | null = null, more = {}) =>
    void response.write(event({ ...head, choices: [{ index, delta, ...more, finish_reason: finish }] }));

  return on.inLine(n, async () => {
    if (stream) begin(response);
    const answers = await inTurns(n, gone, async (index, left) => {
      if (stream) chunk(index, { role: 'assistant', content: '' });
      // log-probabilities are known once the answer is whole
      const onText = (content: string) => stream && !logprobs && chunk(index, { content });
      const answer = await answered(on, ready, index, left, onText);
      const { spoken, calls, content, finish } = answer;
      const probs = logprobs
        ? chatLogProbs(await probsOf(on, spoken, ready.task, top_logprobs ?? 0, left))
        : null;
      const toolCalls = calls.map((call, at) => ({
        ...(stream && { index: at }),
        id: `call_${randomUUID()}`,
        type: 'function',
        function: { name: call.name, arguments: JSON.stringify(call.arguments) },
      }));
      const asked = toolCalls.length > 0 ? { tool_calls: toolCalls } : {};
      if (stream) {
        if (probs) chunk(index, { content }, null, { logprobs: probs });
        if (toolCalls.length > 0) chunk(index, asked);
        chunk(index, {}, finish);
      }
      const said = { content: toolCalls.length > 0 && content === '' ? null : content };
      const message = { role: 'assistant', ...said, ...asked, refusal: null };
      return { spoken, choice: { index, message, logprobs: probs, finish_reason: finish } };
    });
    return finished(request, head, answers, ready.task.ids.length, response);
  });
}

export async function complete(
  on: AnsweringModel,
  request: CompletionRequest,
  { response, gone }: Reply,
): Promise<number> {
  const { stream, logprobs, echo = false, n = 1 } = request;
  const tasks: { readonly task: Task; readonly echoed: string }[] = [];
  for (const prompt of asList(request.prompt)) {
    const whole = typeof prompt === 'string' ? withGap(on.tokenizer, prompt, request.suffix) : prompt;
    if (typeof whole !== 'string' && request.suffix)
      throw new Refusal(400, 'no_suffix', 'suffix: Send the prompt as text, or leave the suffix out.');
    const asked = promptOf(on, whole, { addSpecial: true });
    const shown = typeof prompt === 'string' ? prompt : on.tokenizer.decode(asked.ids);
    tasks.push({ task: taskOf(on, request, asked, request.max_tokens ?? 16), echoed: echo ? shown : '' });
    // others are answered between long prompts
    await turn();
  }
  if (tasks.length * n > MOST_CHOICES)
    throw new Refusal(400, 'invalid_request', `n: At most ${MOST_CHOICES} answers can be asked for at once.`);
  const head = headOf(on, 'cmpl', 'text_completion');
  const choiceOf = (index: number, text: string, finish: string | null, logprobs: object | null = null) => ({
    index,
    text,
    logprobs,
    finish_reason: finish,
  });
  return on.inLine(tasks.length * n, async () => {
    if (stream) begin(response);
    const write = (choice: object) => void response.write(event({ ...head, choices: [choice] }));
    const answers = await inTurns(tasks.length * n, gone, async (index, left) => {
      const { task, echoed } = tasks[Math.floor(index / n)]!;
      const streams = stream && logprobs === undefined;
      if (streams && echoed !== '') write(choiceOf(index, echoed, null));
      const onText = (text: string) => streams && write(choiceOf(index, text, null));
      const spoken = await speak(on, another(task, index % n), left, onText);
      const text = `${echoed}${spoken.text}`;
      let probs: object | null = null;
      if (logprobs !== undefined) {
        const ofAnswer = await probsOf(on, spoken, task, logprobs, left, echo ? 0 : task.ids.length);
        probs = textLogProbs(ofAnswer);
      }
      const choice = choiceOf(index, text, spoken.reason, probs);
      if (stream) write(streams ? choiceOf(index, '', spoken.reason) : choice);
      return { spoken, choice };
    });
    const prompts = tasks.reduce((sum, { task }) => sum + task.ids.length, 0);
    return finished(request, head, answers, prompts, response);
  });
}

const MOST_CHOICES = 16;

/** Embeddings in the order of `input`, one after the other until the client leaves; `cuts`: a text that is too long loses its end. */
export async function embeddings(
  on: AnsweringModel,
  input: EmbeddingRequest['input'],
  { dimensions, cuts = false, gone }: { dimensions?: number | undefined; cuts?: boolean; gone: AbortSignal },
) {
  const { contextSize, embeddingSize } = on.speaker;
  if (dimensions !== undefined && dimensions > embeddingSize)
    throw new Refusal(400, 'invalid_request', `dimensions: This model's embeddings have ${embeddingSize}.`);
  return on.inLine(1, async () => {
    const vectors: (readonly number[])[] = [];
    let tokens = 0;
    for (const text of asList(input)) {
      gone.throwIfAborted();
      const short =
        cuts && typeof text === 'string' ? text.slice(0, contextSize * on.tokenizer.longestToken) : text;
      const ids =
        cuts && typeof short === 'string'
          ? on.tokenizer.encode(short, { addSpecial: true, atMost: roomOf(on.speaker) })
          : idsOf(on, short, true);
      const vector = await on.speaker.embed(ids, gone);
      // models that were trained for it have what matters most at the start
      vectors.push(dimensions === undefined ? vector : ofLengthOne(vector.slice(0, dimensions)));
      tokens += ids.length;
      await turn();
    }
    return { vectors, tokens };
  });
}

export async function embed(
  on: AnsweringModel,
  request: EmbeddingRequest,
  { response, gone }: Reply,
): Promise<number> {
  const { input, encoding_format, dimensions } = request;
  const { vectors, tokens } = await embeddings(on, input, { dimensions, gone });
  return send(response, 200, {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encoding_format === 'base64' ? base64(vector) : vector,
    })),
    model: on.name,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

/** Does `work` so many times at once. Where one fails the others end, too. */
async function inTurns<Result>(
  count: number,
  gone: AbortSignal,
  work: (index: number, left: AbortSignal) => Promise<Result>,
): Promise<readonly Result[]> {
  const failed = new AbortController();
  const left = AbortSignal.any([gone, failed.signal]);
  const all = Array.from({ length: count }, (_, index) => work(index, left));
  try {
    return await Promise.all(all);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(all);
    throw error;
  }
}

/** The tokens of an answer that show, with how likely they were; with `from` those of the prompt, too. */
async function probsOf(
  on: AnsweringModel,
  spoken: Spoken,
  { ids: prompt, space }: Task,
  top: number,
  gone: AbortSignal,
  from = prompt.length,
) {
  const tokens = await scored(on, [...prompt, ...spoken.ids], from, top, gone);
  const before = prompt.length - from;
  return [...tokens.slice(0, before), ...within(tokens.slice(before), space.length + spoken.text.length)];
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

function headOf({ name }: AnsweringModel, kind: string, object: string) {
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

/** Ends an answer, or a stream of it; gives the number of new tokens. */
function finished(
  { stream, stream_options }: Pick<ChatRequest, 'stream' | 'stream_options'>,
  head: object,
  answers: readonly { readonly spoken: Spoken; readonly choice: object }[],
  prompt_tokens: number,
  response: ServerResponse,
): number {
  const completion_tokens = answers.reduce((sum, { spoken }) => sum + spoken.ids.length, 0);
  const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
  if (!stream) send(response, 200, { ...head, choices: answers.map(({ choice }) => choice), usage });
  else {
    if (stream_options?.include_usage) response.write(event({ ...head, choices: [], usage }));
    response.end('data: [DONE]\n\n');
  }
  return completion_tokens;
}

function base64(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64');
}
