/** Ollama's API, for programs that speak no other: chat, text, embeddings, and what there is of models. Answers stream as lines of JSON. */
import { z } from 'zod';
import { embeddings, withGap } from './completions.ts';
import { type AnsweringModel, type AnswerRequest, answered, grammarFor, prepared } from './conversation.ts';
import { OLLAMA_OPTIONS, refused, tool, WITHOUT_EFFECT } from './fields.ts';
import { embedded } from './openai.ts';
import { following, promptOf, type Spoken, speak, taskOf } from './speech.ts';
import { begin, type Reply, send } from './wire.ts';

const text = z.string();
const noImages = refused('Only text can be read, no images', []);

const GENERAL = {
  ...WITHOUT_EFFECT,
  options: OLLAMA_OPTIONS,
  stream: z.boolean().optional(),
  format: z.union([z.literal('json'), z.literal(''), z.looseObject({})]).optional(),
  think: z.union([z.boolean(), text]).optional(),
  logprobs: refused('Use /v1/chat/completions for log-probabilities', false),
  top_logprobs: refused('Use /v1/chat/completions for log-probabilities', 0),
};

export const OllamaChat = z.strictObject({
  ...GENERAL,
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['system', 'user', 'assistant', 'tool']),
        content: text.optional(),
        thinking: text.nullish(),
        tool_name: text.nullish(),
        images: z.null({ error: 'Only text can be read, no images' }).optional(),
        tool_calls: z
          .array(z.looseObject({ function: z.looseObject({ name: text, arguments: z.looseObject({}) }) }))
          .nullish(),
      }),
    )
    .min(1),
  tools: z.array(tool).optional(),
});

export const OllamaGenerate = z.strictObject({
  ...GENERAL,
  prompt: text,
  suffix: text.optional(),
  system: text.optional(),
  raw: z.boolean().optional(),
  images: noImages,
  template: refused("The model's own template is used: send raw prompts for another one", ''),
  context: refused('Send the conversation to /api/chat', []),
});

export const OllamaEmbed = z.strictObject({
  model: WITHOUT_EFFECT.model,
  keep_alive: WITHOUT_EFFECT.keep_alive,
  options: OLLAMA_OPTIONS,
  input: embedded,
  truncate: z.boolean().optional(),
  dimensions: z.int().min(1).optional(),
});

export const OllamaShow = z.looseObject({});

type General = z.output<z.ZodObject<typeof GENERAL>>;

export function ollamaChat(
  on: AnsweringModel,
  request: z.output<typeof OllamaChat>,
  reply: Reply,
): Promise<number> {
  const messages = request.messages.map(({ role, content = '', thinking, tool_name, tool_calls }) => ({
    role,
    content,
    ...(thinking && { reasoning_content: thinking }),
    ...(tool_name && { name: tool_name }),
    ...(tool_calls &&
      tool_calls.length > 0 && {
        tool_calls: tool_calls.map((call) => ({ type: 'function', function: call.function })),
      }),
  }));
  return converse(on, request, { messages, tools: request.tools ?? [] }, reply, (content, calls) => ({
    message: { role: 'assistant', content, ...(calls && { tool_calls: calls }) },
  }));
}

export function ollamaGenerate(
  on: AnsweringModel,
  request: z.output<typeof OllamaGenerate>,
  reply: Reply,
): Promise<number> {
  const { prompt, system, suffix, raw } = request;
  const shape = (response: string) => ({ response });
  const isText = raw === true || on.tokenizer.chat === null || Boolean(suffix);
  if (isText) return continued(on, request, reply, shape);
  const messages = [
    ...(system ? [{ role: 'system' as const, content: system }] : []),
    { role: 'user' as const, content: prompt },
  ];
  return converse(on, request, { messages, tools: [] }, reply, shape);
}

export async function ollamaEmbed(
  on: AnsweringModel,
  { input, dimensions, truncate = true }: z.output<typeof OllamaEmbed>,
  { response, gone }: Reply,
): Promise<number> {
  const started = process.hrtime.bigint();
  const { vectors, tokens } = await embeddings(on, input, { dimensions, cuts: truncate, gone });
  return send(response, 200, {
    model: on.name,
    embeddings: vectors,
    total_duration: since(started),
    load_duration: 0,
    prompt_eval_count: tokens,
  });
}

export function ollamaTags(on: AnsweringModel, _: unknown, { response }: Reply): number {
  const { name, bytes } = on;
  const model = { name, model: name, modified_at: on.changed.toISOString(), size: bytes };
  return send(response, 200, { models: [{ ...model, details: detailsOf(on) }] });
}

export function ollamaShow(on: AnsweringModel, _: unknown, { response }: Reply): number {
  const { chat } = on.tokenizer;
  return send(response, 200, {
    template: chat?.source ?? '',
    details: detailsOf(on),
    model_info: {
      'general.architecture': on.speaker.architecture,
      [`${on.speaker.architecture}.context_length`]: on.speaker.contextSize,
      [`${on.speaker.architecture}.embedding_length`]: on.speaker.embeddingSize,
    },
    capabilities: [...(on.speaker.writes ? ['completion'] : []), 'embedding', ...(chat?.skills() ?? [])],
    modified_at: on.changed.toISOString(),
  });
}

function detailsOf({ speaker: { architecture, weights, writes } }: AnsweringModel) {
  return {
    format: writes ? 'gguf' : 'safetensors',
    family: architecture,
    families: [architecture],
    quantization_level: weights,
  };
}

type Shape = (text: string, calls?: readonly object[]) => object;

/** An answer of the model's template, in the shape of the one who asked. */
async function converse(
  on: AnsweringModel,
  request: General,
  asked: Pick<AnswerRequest, 'messages' | 'tools'>,
  reply: Reply,
  shape: Shape,
): Promise<number> {
  const { options = {}, think } = request;
  const ready = await prepared(on, {
    ...asked,
    call: 'auto',
    oneCall: false,
    schema: schemaOf(request),
    variables: {
      ...(think !== undefined && { enable_thinking: think !== false }),
      ...(typeof think === 'string' && { reasoning_effort: think }),
    },
    sampling: options,
    most: mostOf(options.num_predict),
  });
  return sendAnswer(on, request, reply, shape, async (onText) => {
    const { content, calls, spoken } = await answered(on, ready, 0, reply.gone, onText);
    const made = calls.map(({ name, arguments: given }) => ({ function: { name, arguments: given } }));
    return { content, calls: made, spoken };
  });
}

/** The text goes on, without a template. */
async function continued(
  on: AnsweringModel,
  request: z.output<typeof OllamaGenerate>,
  reply: Reply,
  shape: Shape,
): Promise<number> {
  const { prompt, system, suffix, options = {} } = request;
  const schema = schemaOf(request);
  const whole = withGap(on.tokenizer, system ? `${system}\n\n${prompt}` : prompt, suffix);
  const prompted = promptOf(on, whole, { addSpecial: true, isGuided: schema !== undefined });
  const task = taskOf(on, options, prompted, mostOf(options.num_predict));
  const grammar = await grammarFor(on, schema);
  const full = following(task, grammar);
  return sendAnswer(on, request, reply, shape, async (onText) => {
    const spoken = await speak(on, full, reply.gone, onText);
    return { content: spoken.text, calls: [], spoken };
  });
}

interface WholeAnswer {
  readonly content: string;
  readonly calls: readonly object[];
  readonly spoken: Spoken;
}

/** Sends what `work` says, in lines unless it is asked for as a whole. */
function sendAnswer(
  on: AnsweringModel,
  { stream = true }: General,
  { response }: Reply,
  shape: Shape,
  work: (onText: (text: string) => void) => Promise<WholeAnswer>,
): Promise<number> {
  const started = process.hrtime.bigint();
  let first: bigint | null = null;
  const head = () => ({ model: on.name, created_at: new Date().toISOString() });
  const line = (data: object) => void response.write(`${JSON.stringify(data)}\n`);
  return on.inLine(1, async () => {
    if (stream) begin(response, 'application/x-ndjson');
    const { content, calls, spoken } = await work((said) => {
      first ??= process.hrtime.bigint();
      if (stream) line({ ...head(), ...shape(said), done: false });
    });
    const ended = process.hrtime.bigint();
    const times = {
      total_duration: since(started),
      load_duration: 0,
      prompt_eval_count: spoken.promptTokens,
      prompt_eval_duration: Number((first ?? ended) - started),
      eval_count: spoken.ids.length,
      eval_duration: Number(ended - (first ?? ended)),
    };
    const made = calls.length > 0 ? calls : undefined;
    const last = {
      ...head(),
      ...shape(stream ? '' : content, made),
      done: true,
      done_reason: spoken.reason,
      ...times,
    };
    if (stream) line(last);
    else send(response, 200, last);
    return spoken.ids.length;
  });
}

const since = (started: bigint) => Number(process.hrtime.bigint() - started);

/** Ollama's numbers below zero mean no limit. */
const mostOf = (most: number | undefined) => (most === undefined || most < 0 ? undefined : most);

function schemaOf({ format }: General): object | null | undefined {
  if (format === 'json') return null;
  return typeof format === 'object' ? format : undefined;
}
