/**
 * Documents put in the order in which they answer a query, as Cohere's and Jina's APIs have it: by the cosine of their vectors, or by what a
 * reranker says that has read both together.
 */
import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { z } from 'zod';
import type { OpenReranker } from '../eval/vectors/open-reranker.ts';
import type { AnsweringModel } from './conversation.ts';
import { refused, WITHOUT_EFFECT } from './fields.ts';
import { singlePurpose } from './single-purpose.ts';
import { roomOf, type Voice } from './speech.ts';
import { Refusal, type Reply, send } from './wire.ts';

export const RERANKING = '/v1/rerank';
const ONLY = {
  routes: [RERANKING],
  refusal: () =>
    new Refusal(400, 'only_reranking', `This model ranks documents and does nothing else. Use ${RERANKING}.`),
} as const;

/** As many as Cohere recommends at most. */
const MOST_DOCUMENTS = 1000;

const text = z.string();

export const RerankRequest = z.strictObject({
  ...WITHOUT_EFFECT,
  query: text.min(1, 'The query is empty'),
  documents: z
    .array(z.union([text, z.looseObject({ text })]))
    .min(1)
    .max(MOST_DOCUMENTS),
  top_n: z.int().min(1).optional(),
  return_documents: z.boolean().optional(),
  max_tokens_per_doc: z.int().min(1).optional(),
  priority: z.unknown().optional(),
  rank_fields: refused('Send each document as its text', ['text']),
  max_chunks_per_doc: refused('A long document loses its end: send it in pieces', 1),
});
type RerankRequest = z.output<typeof RerankRequest>;

export async function rerank(
  on: AnsweringModel,
  request: RerankRequest,
  { response, gone }: Reply,
): Promise<number> {
  const { query, top_n, return_documents = true, max_tokens_per_doc: most } = request;
  const documents = request.documents.map((one) => (typeof one === 'string' ? one : one.text));
  const { scores, tokens } = await on.inLine(1, () =>
    on.reranker
      ? reread(on.reranker, { query, documents, most }, gone)
      : byVectors(on, { query, documents, most }, gone),
  );
  const results = scores
    .map((relevance_score, index) => ({ index, relevance_score }))
    .sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index);
  return send(response, 200, {
    id: `rerank-${randomUUID()}`,
    model: on.name,
    results: results.slice(0, top_n).map(({ index, relevance_score }) => ({
      index,
      relevance_score,
      ...(return_documents && { document: { text: documents[index] } }),
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

interface Asked {
  readonly query: string;
  readonly documents: readonly string[];
  /** Tokens of a document. */
  readonly most: number | undefined;
}

interface Ranked {
  readonly scores: readonly number[];
  readonly tokens: number;
}

async function byVectors(
  on: AnsweringModel,
  { query, documents, most }: Asked,
  gone: AbortSignal,
): Promise<Ranked> {
  const room = roomOf(on.speaker);
  let tokens = 0;
  const vectorOf = async (words: string, use: 'query' | 'document', atMost: number) => {
    gone.throwIfAborted();
    const short = words.slice(0, atMost * on.tokenizer.longestToken);
    const ids = on.idsFor?.(short, use, atMost) ?? on.tokenizer.encode(short, { addSpecial: true, atMost });
    // what has no token has no direction either
    if (ids.length === 0) return [];
    tokens += ids.length;
    const vector = await on.speaker.embed(ids, gone);
    await turn();
    return vector;
  };
  const asked = await vectorOf(query, 'query', room);
  if (asked.length === 0) throw new Refusal(400, 'empty_prompt', 'The query is empty.');
  const scores: number[] = [];
  for (const one of documents)
    scores.push(cosine(asked, await vectorOf(one, 'document', Math.min(room, most ?? room))));
  return { scores, tokens };
}

/** Documents that are read together. */
const TOGETHER = 16;

async function reread(
  reranker: OpenReranker,
  { query, documents, most }: Asked,
  gone: AbortSignal,
): Promise<Ranked> {
  const { tokenizer, maxTokens } = reranker;
  const short = (words: string) => words.slice(0, maxTokens * tokenizer.longestToken);
  const scores: number[] = [];
  let tokens = 0;
  for (let start = 0; start < documents.length; start += TOGETHER) {
    const some = documents.slice(start, start + TOGETHER).map(short);
    const found = await reranker.of(short(query), some, { stop: gone, most });
    scores.push(...found.scores);
    tokens += found.tokens;
    await turn();
  }
  return { scores, tokens };
}

/** A reranker as the endpoint serves it. */
export function rerankingVoice(reranker: OpenReranker): Voice {
  const { maxTokens: contextSize, family: architecture } = reranker;
  const about = { contextSize, architecture, weights: 'F32', close: () => reranker.close() };
  return { ...singlePurpose(ONLY, about), reranker };
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  return lengths === 0 ? 0 : dot(a, b) / lengths;
}
