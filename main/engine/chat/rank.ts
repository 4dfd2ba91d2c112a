/** Documents put in the order in which they answer a query, as Cohere's and Jina's APIs have it: by the cosine of their vectors. */
import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { z } from 'zod';
import type { Answering } from './conversation.ts';
import { refused, WITHOUT_EFFECT } from './fields.ts';
import { roomOf } from './speech.ts';
import { Refusal, type Reply, send } from './wire.ts';

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
  on: Answering,
  request: RerankRequest,
  { response, gone }: Reply,
): Promise<number> {
  const { query, top_n, return_documents = true, max_tokens_per_doc } = request;
  const documents = request.documents.map((one) => (typeof one === 'string' ? one : one.text));
  const room = roomOf(on.speaker);
  let tokens = 0;
  const vectorOf = async (words: string, use: 'query' | 'document', most: number) => {
    gone.throwIfAborted();
    const short = words.slice(0, most * on.tokenizer.longestToken);
    const ids =
      on.idsFor?.(short, use, most) ?? on.tokenizer.encode(short, { addSpecial: true, atMost: most });
    // what has no token has no direction either
    if (ids.length === 0) return [];
    tokens += ids.length;
    const vector = await on.speaker.embed(ids, gone);
    await turn();
    return vector;
  };
  const results = await on.inLine(1, async () => {
    const asked = await vectorOf(query, 'query', room);
    if (asked.length === 0) throw new Refusal(400, 'empty_prompt', 'The query is empty.');
    const ranked: { readonly index: number; readonly relevance_score: number }[] = [];
    for (const [index, one] of documents.entries()) {
      const vector = await vectorOf(one, 'document', Math.min(room, max_tokens_per_doc ?? room));
      ranked.push({ index, relevance_score: cosine(asked, vector) });
    }
    return ranked.sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index);
  });
  return send(response, 200, {
    id: `rerank-${randomUUID()}`,
    model: on.name,
    results: results.slice(0, top_n).map(({ index, relevance_score }) => ({
      ...{ index, relevance_score },
      ...(return_documents && { document: { text: documents[index] } }),
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  return lengths === 0 ? 0 : dot(a, b) / lengths;
}
