/** What the endpoint answers: one row for each address, of OpenAI's API, llama.cpp's server and Ollama. */
import type { z } from 'zod';
import { chat, complete, embed } from './completions.ts';
import type { AnsweringModel } from './conversation.ts';
import { DecideRequest, decide } from './decide.ts';
import {
  OllamaChat,
  OllamaEmbed,
  OllamaGenerate,
  OllamaShow,
  ollamaChat,
  ollamaEmbed,
  ollamaGenerate,
  ollamaShow,
  ollamaTags,
} from './ollama.ts';
import { ChatRequest, CompletionRequest, EmbeddingRequest } from './openai.ts';
import { DECISIONS, DecisionsRequest, decideAsOpenAi } from './openai-decide.ts';
import { RERANKING, RerankRequest, rerank } from './rank.ts';
import { ResponseRequest, respond } from './responses.ts';
import { ClassifyRequest, DECIDING, SORTING, sortTexts } from './sort.ts';
import { type Manner, OLLAMA, OPENAI, parsed, RESPONSES, type Reply, send } from './wire.ts';

/** Gives the number of new tokens. */
type Answer<Body> = (on: AnsweringModel, body: Body, reply: Reply) => number | Promise<number>;

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly manner: Manner;
  readonly answer: Answer<unknown>;
  /** Without the key: it tells only that something listens. */
  readonly isOpen?: true;
}

const get = (path: string, manner: Manner, answer: Answer<unknown>): Route => ({
  method: 'GET',
  path,
  manner,
  answer,
});

const post = <Schema extends z.ZodType>(
  path: string,
  manner: Manner,
  schema: Schema,
  answer: Answer<z.output<Schema>>,
): Route => ({
  method: 'POST',
  path,
  manner,
  answer: (on, body, reply) => answer(on, parsed(schema, body), reply),
});

/** Stands for the name of the model. */
const NAME = ':model';

export const ROUTES: readonly Route[] = [
  get('/v1/models', OPENAI, (on, _, { response }) =>
    send(response, 200, { object: 'list', data: [modelOf(on)] }),
  ),
  get(`/v1/models/${NAME}`, OPENAI, (on, _, { response }) => send(response, 200, modelOf(on))),
  post('/v1/chat/completions', OPENAI, ChatRequest, chat),
  post('/v1/completions', OPENAI, CompletionRequest, complete),
  post('/v1/embeddings', OPENAI, EmbeddingRequest, embed),
  post(SORTING, OPENAI, ClassifyRequest, sortTexts),
  post(DECIDING, OPENAI, DecideRequest, decide),
  post(DECISIONS, OPENAI, DecisionsRequest, decideAsOpenAi),
  post(RERANKING, OPENAI, RerankRequest, rerank),
  post('/v1/responses', RESPONSES, ResponseRequest, respond),
  post('/api/chat', OLLAMA, OllamaChat, ollamaChat),
  post('/api/generate', OLLAMA, OllamaGenerate, ollamaGenerate),
  post('/api/embed', OLLAMA, OllamaEmbed, ollamaEmbed),
  post('/api/show', OLLAMA, OllamaShow, ollamaShow),
  get('/api/tags', OLLAMA, ollamaTags),
  {
    ...get('/health', OPENAI, (_on, _, { response }) => send(response, 200, { status: 'ok' })),
    isOpen: true,
  },
];

/** For who asks for something else. */
export const THERE_IS = `This endpoint has ${ROUTES.map(({ path }) => path)
  .filter((path) => !path.endsWith(NAME))
  .join(', ')}.`;

export function routeOf(method: string | undefined, pathname: string, name: string): Route | null {
  const asked = plainPath(pathname);
  const named = (path: string) => path.replace(NAME, encodeURIComponent(name).toLowerCase());
  const isAsked = ({ path }: Route) => asked.some((one) => one === named(path));
  return ROUTES.find((route) => route.method === method && isAsked(route)) ?? null;
}

/** Clients are told the address with or without its version and its last slash, join it with one too many, and write names in capitals. */
function plainPath(pathname: string): readonly string[] {
  const path = pathname
    .toLowerCase()
    .replaceAll(/(?!^)\/+/g, '/')
    .replace(/\/$/, '');
  // Cohere's newer client asks for version 2
  const newer = path.replace(/^\/v2(?=\/rerank)/, '/v1');
  return [path, newer, `/v1${path}`, path.replace(/^\/v1(?=\/(api|health))/, '')];
}

function modelOf({ name, created }: AnsweringModel) {
  return { id: name, object: 'model', created, owned_by: 'fettle' };
}
