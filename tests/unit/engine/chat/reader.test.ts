/** An encoder as an endpoint: embeddings for OpenAI's client and Ollama's, and no words. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EndpointNews } from '../../../../common/protocol/protocol.ts';
import { serveModel } from '../../../../main/engine/chat/endpoint.ts';
import { openReranker } from '../../../../main/engine/eval/vectors/open-reranker.ts';
import { headOf } from '../../../../main/engine/eval/vectors/reranker.ts';
import { TextVectors } from '../../../../main/engine/eval/vectors/vectors.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { openEncoder } from '../../../../main/engine/load/open-encoder.ts';
import { writeReranker } from '../../../../main/engine/load/write-encoder.ts';
import { SENTENCE_MODULES, writeTinyEncoder } from '../../../helpers/tiny-encoder.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

const scratch = temporaryFolder();
const stop = new AbortController();
let folder: string;
let address: string;
let ended: Promise<void>;
let client: OpenAI;

beforeAll(async () => {
  const named = { q: 'query: ', query: 'ask: ', passage: 'passage: ' };
  const prompts = { prompts: named, default_prompt_name: 'q' };
  folder = await writeTinyEncoder(path.join(scratch.folder, 'tiny'), 'bert', {
    'modules.json': SENTENCE_MODULES,
    '1_Pooling/config.json': { pooling_mode: 'mean' },
    'config_sentence_transformers.json': prompts,
  });
  const heard = Promise.withResolvers<string>();
  const emit = (news: EndpointNews) => {
    if ('listening' in news) heard.resolve(news.listening.address);
  };
  const options = {
    file: folder,
    name: 'tiny',
    key: 'a key',
    port: 0,
    origins: [],
    threads: 1,
    contextSize: 4096,
  };
  ended = serveModel(options, { emit, stop: stop.signal });
  address = await Promise.race([heard.promise, ended.then(() => '')]);
  client = new OpenAI({ baseURL: address, apiKey: 'a key', maxRetries: 0 });
});

afterAll(async () => {
  stop.abort();
  await ended;
  scratch.remove();
});

test('gives the vectors of the encoder, its prompt in front', async () => {
  const vectors = await TextVectors.open(folder, await openExecutor('ort', { threads: 1 }), scratch.folder);
  const texts = ['How are you?', 'one two three'];
  const own = await vectors.of(texts);
  await vectors.close();
  const { data, usage } = await client.embeddings.create({ model: 'tiny', input: texts });
  for (const [i, { embedding }] of data.entries())
    for (const [k, x] of embedding.entries()) expect(x).toBeCloseTo(own[i]![k]!, 5);
  expect(data).toHaveLength(2);
  expect(usage.prompt_tokens).toBe(texts.reduce((sum, text) => sum + vectors.idsOf(text).length, 0));
});

interface Shown {
  readonly capabilities: string[];
  readonly model_info: Record<string, unknown>;
}

test('answers Ollama, and says what it can', async () => {
  const ask = <Answer>(route: string, body: object) =>
    fetch(`${address.replace('/v1', '')}/api/${route}`, {
      method: 'POST',
      headers: { authorization: 'Bearer a key', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).then((response) => response.json() as Promise<Answer>);
  const { embeddings } = await ask<{ embeddings: number[][] }>('embed', {
    model: 'tiny',
    input: 'word '.repeat(5000),
  });
  expect(embeddings[0]).toHaveLength(24);
  const shown = await ask<Shown>('show', { model: 'tiny' });
  expect(shown.capabilities).toEqual(['embedding']);
  expect(shown.model_info['bert.embedding_length']).toBe(24);
});

test('refuses a text that is longer than it reads', async () => {
  const asked = client.embeddings.create({ model: 'tiny', input: 'word '.repeat(400) });
  await expect(asked).rejects.toThrow('this model reads 300 tokens');
  const fits = client.embeddings.create({ model: 'tiny', input: 'the '.repeat(290) });
  await expect(fits).resolves.toBeTruthy();
});

interface Ranked {
  readonly results: readonly { index: number; relevance_score: number; document?: { text: string } }[];
  readonly usage: { readonly total_tokens: number };
}

const rerank = async (body: object, at = '/v1/rerank') => {
  const response = await fetch(`${address.replace('/v1', '')}${at}`, {
    method: 'POST',
    headers: { authorization: 'Bearer a key', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', ...body }),
  });
  return {
    status: response.status,
    body: (await response.json()) as Ranked & { error: { message: string } },
  };
};

test('puts documents in the order of their cosine with the query, the prompts of both in front', async () => {
  const vectors = await TextVectors.open(folder, await openExecutor('ort', { threads: 1 }), scratch.folder);
  const documents = ['the cat sat', 'one two three four', 'How are you?'];
  const [query] = await vectors.of(['How are you'], { prompt: 'ask: ' });
  const others = await vectors.of(documents, { prompt: 'passage: ' });
  await vectors.close();
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const cosines = others.map((one) => dot(query!, one) / Math.sqrt(dot(query!, query!) * dot(one, one)));
  const order = [0, 1, 2].toSorted((a, b) => cosines[b]! - cosines[a]!);
  const sent = { query: 'How are you', documents: ['the cat sat', { text: documents[1] }, documents[2]] };
  for (const at of ['/v1/rerank', '/rerank', '/v2/rerank']) {
    const { body } = await rerank(sent, at);
    expect(body.results.map(({ index }) => index)).toEqual(order);
    for (const { index, relevance_score, document } of body.results) {
      expect(relevance_score).toBeCloseTo(cosines[index]!, 5);
      expect(document).toEqual({ text: documents[index] });
    }
    expect(body.usage.total_tokens).toBeGreaterThan(10);
  }
  const { body } = await rerank({ ...sent, top_n: 1, return_documents: false });
  expect(body.results).toHaveLength(1);
  expect(body.results[0]).not.toHaveProperty('document');
});

test('refuses a query without words and fields that would change the order', async () => {
  expect(await rerank({ query: '', documents: ['a'] })).toMatchObject({ status: 400 });
  const { status, body } = await rerank({ query: 'a', documents: ['a'], rank_fields: ['title'] });
  expect([status, body.error.message]).toEqual([400, 'rank_fields: Send each document as its text.']);
  const long = await rerank({ query: 'a', documents: ['word '.repeat(5000), ''] });
  expect(long.body.results).toHaveLength(2);
});

test('has no categories, and says what has', async () => {
  const response = await fetch(`${address}/classify`, {
    method: 'POST',
    headers: { authorization: 'Bearer a key' },
    body: JSON.stringify({ input: 'a' }),
  });
  expect(await response.json()).toMatchObject({ error: { code: 'no_categories' } });
});

test('writes nothing, and says so', async () => {
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  const asked = [
    client.completions.create({ model: 'tiny', prompt: 'Hello' }),
    client.chat.completions.create({ model: 'tiny', messages }),
  ];
  for (const one of asked) await expect(one).rejects.toThrow('makes embeddings and writes nothing');
});

test('serves a GGUF file in the same way', async () => {
  const data = path.join(import.meta.dirname, '../../../golden/data/encoder-gguf');
  const file = path.join(data, 'bert.gguf');
  const gone = new AbortController();
  const heard = Promise.withResolvers<string>();
  const emit = (news: EndpointNews) => {
    if ('listening' in news) heard.resolve(news.listening.address);
  };
  const options = { file, name: 'g', key: 'a key', port: 0, origins: [], threads: 1, contextSize: 4096 };
  const serving = serveModel(options, { emit, stop: gone.signal });
  const baseURL = await Promise.race([heard.promise, serving.then(() => '')]);
  const [known] = JSON.parse(readFileSync(path.join(data, 'bert.json'), 'utf8'));
  const other = new OpenAI({ baseURL, apiKey: 'a key', maxRetries: 0 });
  const found = await other.embeddings.create({ model: 'g', input: [known.text] });
  for (const [k, x] of found.data[0]!.embedding.entries()) expect(x).toBeCloseTo(known.vector[k], 5);
  gone.abort();
  await serving;
});

describe('a reranker', () => {
  const ended = new AbortController();
  let at: string;
  let serving: Promise<void>;
  beforeAll(async () => {
    const opened = await openEncoder(folder);
    const { head, values } = await headOf(opened, 7);
    await opened.store.close();
    const file = path.join(scratch.folder, 'reranker');
    await writeReranker(folder, file, { head, values, maxTokens: 60 });
    const heard = Promise.withResolvers<string>();
    const emit = (news: EndpointNews) => {
      if ('listening' in news) heard.resolve(news.listening.address);
    };
    const options = { file, name: 'r', key: 'a key', port: 0, origins: [], threads: 1, contextSize: 4096 };
    serving = serveModel(options, { emit, stop: ended.signal });
    at = await Promise.race([heard.promise, serving.then(() => '')]);
  });
  afterAll(async () => {
    ended.abort();
    await serving;
  });

  const ask = async (route: string, body: object) => {
    const response = await fetch(`${at}/${route}`, {
      method: 'POST',
      headers: { authorization: 'Bearer a key', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'r', ...body }),
    });
    return { status: response.status, body: (await response.json()) as Ranked & { error: { code: string } } };
  };

  test('says how well each document answers, from 0 to 1, as it scores pairs', async () => {
    const documents = ['the cat sat', 'one two three four', 'How are you?', 'word '.repeat(5000)];
    const own = await openReranker(path.join(scratch.folder, 'reranker'), 1);
    const { scores } = await own.of('How are you', documents, { stop: stop.signal });
    const { scores: short } = await own.of('How are you', documents, { stop: stop.signal, most: 2 });
    await own.close();
    for (const [more, wanted] of [
      [{}, scores],
      [{ max_tokens_per_doc: 2 }, short],
    ] as const) {
      const { body } = await ask('rerank', { query: 'How are you', documents, ...more });
      for (const { index, relevance_score } of body.results)
        expect(relevance_score).toBeCloseTo(wanted[index]!, 6);
      const found = body.results.map(({ relevance_score }) => relevance_score);
      expect(found).toEqual(found.toSorted((a, b) => b - a));
    }
    expect([...short]).not.toEqual([...scores]);
  });

  test('does nothing else', async () => {
    const asked = await ask('embeddings', { input: 'a' });
    expect(asked).toMatchObject({ status: 400, body: { error: { code: 'only_reranking' } } });
  });

  test('needs a head of one score', async () => {
    await expect(openReranker(folder, 1)).rejects.toMatchObject({ code: 'no-reranker' });
  });
});
