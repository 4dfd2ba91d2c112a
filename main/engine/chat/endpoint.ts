/**
 * A model for other programs: OpenAI's API on this computer alone, computed by llama.cpp. One answer at a time; those who ask meanwhile
 * wait in line. Nothing is kept of what is asked.
 */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { z } from 'zod';
import { AppError, reasonOf } from '../../../common/errors.ts';
import type { EndpointNews } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { usualThreads } from '../config/cores.ts';
import { spokenCalls, type Tool } from '../data/rows/tool-calls.ts';
import { createTextStream } from '../data/tokens/tokenizer/decode.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { toolVariables } from '../data/tokens/tool-places.ts';
import { openModel, tokenizerOf } from '../load/open-model.ts';
import { openSpeaker, type Sampling, type Speaker } from './llama.ts';
import {
  ChatRequest,
  CompletionRequest,
  EmbeddingRequest,
  type SamplingRequest,
  templateMessage,
} from './openai.ts';

export interface EndpointOptions {
  /** A GGUF file. */
  readonly file: string;
  /** What clients call the model. */
  readonly name: string;
  /** What clients send as their API key. */
  readonly key: string;
  /** 0: any free one. */
  readonly port: number;
  /** Pages that may ask from a browser, by their origins; no other page may. */
  readonly origins: readonly string[];
  readonly threads?: number;
  /** Tokens of a prompt and its answer together; no more than the model reads. */
  readonly contextSize: number;
}

interface EndpointIo {
  emit(news: EndpointNews): void;
  readonly stop: AbortSignal;
}

const HERE = '127.0.0.1';
const MOST_BODY_BYTES = 16e6;
/** How long a client may take to send its request. */
const PATIENCE_MS = 20_000;
/** Requests that wait for the one before; more are told to come again. */
const MOST_WAITING = 32;
/** Where a client names no limit: answers that never end would hold everybody up. */
const MOST_TOKENS = 4096;

/** Serves until `stop`. Throws an AppError where the model does not open or the port cannot be used. */
export async function serveModel(options: EndpointOptions, { emit, stop }: EndpointIo): Promise<void> {
  const opened = await openModel(options.file);
  const tokenizer = await tokenizerOf(opened).finally(() => opened.store.close());
  const speaker = await openSpeaker({ ...options, threads: options.threads ?? usualThreads() });
  const desk = new Desk(options, tokenizer, speaker, emit);
  const server = createServer(
    { headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS },
    (request, response) => {
      void desk.answer(request, response);
    },
  );
  try {
    const failed = once(server, 'error').then(([error]) => Promise.reject(error));
    server.listen(options.port, HERE);
    await Promise.race([once(server, 'listening'), failed]);
    const { port } = server.address() as AddressInfo;
    desk.port = port;
    emit({ listening: { address: `http://${HERE}:${port}/v1`, contextSize: speaker.contextSize } });
    const ended = wait(2 ** 31 - 1, null, { signal: stop }).catch(() => {});
    await Promise.race([ended, failed]);
  } catch (error) {
    throw cannotListen(error, options.port);
  } finally {
    server.close();
    server.closeAllConnections();
    await speaker.close();
  }
}

function cannotListen(cause: unknown, port: number): unknown {
  if ((cause as NodeJS.ErrnoException).syscall !== 'listen') return cause;
  return new AppError(
    'cannot-listen',
    say`Port ${port} can't be used${reasonOf(cause)}.`,
    say`Choose another port, or 0 for any free one.`,
    { cause },
  );
}

/** What a client did wrong, in the form of OpenAI's errors. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** An answer as it is made: its text piece by piece, and in the end why it ended. */
interface Spoken {
  readonly text: string;
  readonly promptTokens: number;
  readonly newTokens: number;
  readonly reason: 'stop' | 'length';
}

interface Task {
  readonly ids: readonly number[];
  readonly sampling: Sampling;
  readonly stops: readonly string[];
  readonly most: number;
  /** Special tokens are shown too: calls of tools stand between such. */
  readonly showsSpecial: boolean;
}

class Desk {
  port = 0;
  readonly #options: EndpointOptions;
  readonly #tokenizer: Tokenizer;
  readonly #speaker: Speaker;
  readonly #emit: EndpointIo['emit'];
  readonly #key: Buffer;
  readonly #created = Math.floor(Date.now() / 1000);
  #line: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(options: EndpointOptions, tokenizer: Tokenizer, speaker: Speaker, emit: EndpointIo['emit']) {
    [this.#options, this.#tokenizer, this.#speaker, this.#emit] = [options, tokenizer, speaker, emit];
    this.#key = digest(options.key);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const { pathname } = URL.parse(request.url ?? '/', 'http://host') ?? { pathname: '/' };
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    let tokens = 0;
    try {
      this.#admit(request, response);
      if (request.method === 'OPTIONS') return void response.writeHead(204).end();
      tokens = await this.#route(`${request.method} ${pathname}`, request, response, gone.signal);
    } catch (error) {
      const known = gone.signal.aborted ? null : refusalOf(error);
      if (known && !response.headersSent) send(response, known.status, errorBody(known));
      else if (known) response.end(event(errorBody(known)));
    } finally {
      if (!response.writableEnded) response.end();
      const seconds = (performance.now() - started) / 1000;
      const { method = '' } = request;
      this.#emit({ request: { method, path: pathname, status: response.statusCode, tokens, seconds } });
    }
  }

  /**
   * Lets in who has the key and asks this computer by its own name (a name that a stranger's page has pointed here is another); a page
   * only from one of the origins that were allowed.
   */
  #admit({ headers, method }: IncomingMessage, response: ServerResponse): void {
    const names = [`${HERE}:${this.port}`, `localhost:${this.port}`];
    if (!names.includes(headers.host ?? ''))
      throw new Refusal(421, 'wrong_host', `This endpoint answers at http://${names[0]} only.`);
    const { origin } = headers;
    if (origin !== undefined && !names.includes(origin.replace(/^http:\/\//, ''))) {
      if (!this.#options.origins.includes(origin))
        throw new Refusal(
          403,
          'origin_refused',
          `Pages of ${origin} may not use this model. Allow this origin where the model was started.`,
        );
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-allow-headers', 'authorization, content-type');
      response.setHeader('vary', 'origin');
    }
    // a browser asks without the key whether it may ask
    if (method === 'OPTIONS') return;
    const given = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    if (!timingSafeEqual(digest(given), this.#key))
      throw new Refusal(
        401,
        'invalid_api_key',
        'The API key is missing or wrong. Use the one that was shown when the model was started.',
      );
  }

  /** Gives the number of new tokens. */
  async #route(
    what: string,
    request: IncomingMessage,
    response: ServerResponse,
    gone: AbortSignal,
  ): Promise<number> {
    const { name } = this.#options;
    const model = { id: name, object: 'model', created: this.#created, owned_by: 'fettle' };
    switch (what) {
      case 'GET /v1/models':
        return send(response, 200, { object: 'list', data: [model] });
      case `GET /v1/models/${encodeURIComponent(name)}`:
        return send(response, 200, model);
      case 'POST /v1/chat/completions':
        return this.#chat(parsed(ChatRequest, await jsonOf(request)), response, gone);
      case 'POST /v1/completions':
        return this.#complete(parsed(CompletionRequest, await jsonOf(request)), response, gone);
      case 'POST /v1/embeddings':
        return this.#embed(parsed(EmbeddingRequest, await jsonOf(request)), response);
      default:
        throw new Refusal(
          404,
          'not_found',
          `There is no ${what} here. This endpoint has /v1/models, /v1/chat/completions, /v1/completions and /v1/embeddings.`,
        );
    }
  }

  async #chat(request: ChatRequest, response: ServerResponse, gone: AbortSignal): Promise<number> {
    const tools = request.tool_choice === 'none' ? [] : (request.tools ?? []);
    const mustCall = request.tool_choice === 'required' || typeof request.tool_choice === 'object';
    const task: Task = {
      ...this.#task(
        request,
        this.#chatIds(request, tools),
        request.max_completion_tokens ?? request.max_tokens,
      ),
      ...(tools.length > 0 && { showsSpecial: true }),
    };
    const { sampling } = task;
    const grammar = await this.#grammarFor(mustCall ? callSchema(request) : schemaOf(request));
    const full = { ...task, sampling: { ...sampling, ...(grammar && { grammar }) } };
    const head = this.#head('chatcmpl', request.stream ? 'chat.completion.chunk' : 'chat.completion');
    const chunk = (delta: object, finish: string | null = null) =>
      event({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] });
    // a call is known once it is whole
    const live = request.stream === true && tools.length === 0;
    const onText = (text: string) => void response.write(chunk({ content: text }));
    if (request.stream) begin(response);
    if (request.stream) response.write(chunk({ role: 'assistant', content: '' }));
    const spoken = await this.#inLine(() => this.#speak(full, gone, live ? onText : () => {}));
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
    if (!live) response.write(chunk({ ...said, ...asked }));
    response.write(chunk({}, finish));
    if (request.stream_options?.include_usage)
      response.write(event({ ...head, choices: [], usage: usage(spoken) }));
    response.end('data: [DONE]\n\n');
    return spoken.newTokens;
  }

  async #complete(request: CompletionRequest, response: ServerResponse, gone: AbortSignal): Promise<number> {
    const prompt = typeof request.prompt === 'string' ? request.prompt : request.prompt[0]!;
    const task = this.#task(
      request,
      this.#tokenizer.encode(prompt, { addSpecial: true }),
      request.max_tokens ?? 16,
    );
    const head = this.#head('cmpl', 'text_completion');
    const choice = (text: string, finish: string | null) => ({
      index: 0,
      text,
      logprobs: null,
      finish_reason: finish,
    });
    if (request.stream) begin(response);
    const onText = (text: string) => void response.write(event({ ...head, choices: [choice(text, null)] }));
    const spoken = await this.#inLine(() => this.#speak(task, gone, request.stream ? onText : () => {}));
    if (!request.stream) {
      send(response, 200, { ...head, choices: [choice(spoken.text, spoken.reason)], usage: usage(spoken) });
      return spoken.newTokens;
    }
    response.write(event({ ...head, choices: [choice('', spoken.reason)] }));
    if (request.stream_options?.include_usage)
      response.write(event({ ...head, choices: [], usage: usage(spoken) }));
    response.end('data: [DONE]\n\n');
    return spoken.newTokens;
  }

  async #embed({ input, encoding_format }: EmbeddingRequest, response: ServerResponse): Promise<number> {
    const texts = [input].flat().map((text) => this.#tokenizer.encode(text, { addSpecial: true }));
    const { contextSize } = this.#speaker;
    const long = texts.find((ids) => ids.length > contextSize || ids.length === 0);
    if (long) throw tooLong(long.length, contextSize);
    const data = await this.#inLine(async () => {
      const vectors: object[] = [];
      for (const [index, ids] of texts.entries()) {
        const vector = await this.#speaker.embed(ids);
        const embedding = encoding_format === 'base64' ? base64(vector) : vector;
        vectors.push({ object: 'embedding', index, embedding });
      }
      return vectors;
    });
    const prompt_tokens = texts.reduce((sum, ids) => sum + ids.length, 0);
    return send(response, 200, {
      object: 'list',
      data,
      model: this.#options.name,
      usage: { prompt_tokens, total_tokens: prompt_tokens },
    });
  }

  #chatIds({ messages }: ChatRequest, tools: NonNullable<ChatRequest['tools']>): number[] {
    const { chat } = this.#tokenizer;
    if (chat === null)
      throw new Refusal(
        400,
        'no_chat_template',
        'This model only continues text. Use /v1/completions, or start an instruction-tuned model.',
      );
    const variables = toolVariables(tools as readonly Tool[]);
    return this.#tokenizer.encode(
      chat.render(messages.map(templateMessage), { addGenerationPrompt: true, variables }),
    );
  }

  #task(request: SamplingRequest, ids: readonly number[], most: number | null | undefined): Task {
    const { contextSize } = this.#speaker;
    if (ids.length >= contextSize || ids.length === 0) throw tooLong(ids.length, contextSize);
    const { temperature, top_p, seed, stop } = request;
    return {
      ids,
      stops: [stop ?? []].flat().filter((text) => text !== ''),
      most: Math.min(most ?? MOST_TOKENS, contextSize - ids.length),
      sampling: { temperature: temperature ?? 1, topP: top_p ?? 1, ...(seed != null && { seed }) },
      showsSpecial: false,
    };
  }

  async #grammarFor(schema: object | null | undefined) {
    if (schema === undefined) return null;
    try {
      return await this.#speaker.grammar(schema);
    } catch (cause) {
      throw new Refusal(400, 'invalid_schema', `llama.cpp can't follow this JSON schema${reasonOf(cause)}.`);
    }
  }

  /** One after the other: two answers at once would each get half of the cores. */
  async #inLine<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#waiting >= MOST_WAITING)
      throw new Refusal(429, 'busy', 'Too many requests are waiting. Try again soon.');
    this.#waiting++;
    const turn = this.#line.then(work);
    this.#line = turn.catch(() => {});
    return turn.finally(() => this.#waiting--);
  }

  async #speak(task: Task, gone: AbortSignal, onText: (text: string) => void): Promise<Spoken> {
    const { ids, sampling, stops, most, showsSpecial } = task;
    const { stopIds } = this.#tokenizer;
    const stream = createTextStream(this.#tokenizer, { skipSpecial: !showsSpecial });
    const longest = Math.max(0, ...stops.map((stop) => stop.length));
    let [text, shown, newTokens] = ['', 0, 0];
    // the end of the text may be the beginning of what ends it
    const show = (until: number) => {
      if (until > shown) onText(text.slice(shown, until));
      shown = Math.max(shown, until);
    };
    const stopAt = () => Math.min(...stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0));
    const spoken = (reason: Spoken['reason']): Spoken => ({
      text,
      newTokens,
      reason,
      promptTokens: ids.length,
    });
    gone.throwIfAborted();
    for await (const id of this.#speaker.speak(ids, sampling)) {
      gone.throwIfAborted();
      if (stopIds.includes(id)) break;
      newTokens++;
      text += stream.push(id);
      const end = stopAt();
      if (Number.isFinite(end)) {
        text = text.slice(0, end);
        show(end);
        return spoken('stop');
      }
      show(text.length - Math.max(0, longest - 1));
      if (newTokens === most) {
        text += stream.flush();
        show(text.length);
        return spoken('length');
      }
    }
    text += stream.flush();
    show(text.length);
    return spoken('stop');
  }

  #head(kind: string, object: string) {
    return {
      id: `${kind}-${randomUUID()}`,
      object,
      created: Math.floor(Date.now() / 1000),
      model: this.#options.name,
    };
  }
}

function tooLong(tokens: number, contextSize: number): Refusal {
  if (tokens === 0) return new Refusal(400, 'empty_prompt', 'The prompt is empty.');
  return new Refusal(
    400,
    'context_length_exceeded',
    `The prompt has ${tokens} tokens; this model was started for ${contextSize}, answer included.`,
  );
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

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
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

function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new Refusal(400, 'invalid_request', `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}.`);
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof AppError) return new Refusal(400, error.code, `${error.message} ${error.hint}`.trim());
  return new Refusal(500, 'internal', `Something in Fettle went wrong${reasonOf(error)}.`);
}

function errorBody({ status, code, message }: Refusal) {
  const type =
    status === 401 ? 'authentication_error' : status < 500 ? 'invalid_request_error' : 'server_error';
  return { error: { message, type, param: null, code } };
}

/** Answers with JSON; gives 0, the tokens that were made for it. */
function send(response: ServerResponse, status: number, body: object): number {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
  return 0;
}

function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
