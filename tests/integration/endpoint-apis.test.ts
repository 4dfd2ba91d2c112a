/** What clients of OpenAI's API and Ollama's ask for beyond a chat, and what several of them get at once. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { servePractice } from '../helpers/endpoint.ts';

let folder = '';
let base = '';
let client: OpenAI;
const stop = new AbortController();
let ended: Promise<void>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-endpoint-'));
  const served = await servePractice('practice', { folder, stop: stop.signal, contextSize: 256 });
  ended = served.ended;
  base = served.address.replace(/\/v1$/, '');
  client = new OpenAI({ baseURL: served.address, apiKey: 'a key', maxRetries: 0 });
});

afterAll(async () => {
  stop.abort();
  await ended;
  await rm(folder, { recursive: true, force: true });
});

const model = 'practice';
const greedy = { model, prompt: 'The sky is', temperature: 0, max_tokens: 12 };
const messages = [{ role: 'user' as const, content: 'What colour is the sky?' }];

/** The text that continues, with fields that OpenAI's types don't know. */
async function said(more: object = {}): Promise<string> {
  const { choices } = await client.completions.create({ ...greedy, ...more } as typeof greedy);
  return choices[0]!.text;
}

describe('ways of sampling', () => {
  test.each([{ top_k: 1 }, { min_p: 1 }, { top_p: 1e-6 }])(
    '%j leaves the likeliest token alone',
    async (field) => {
      expect(await said({ temperature: 2, ...field })).toBe(await said());
    },
  );

  test('a bias forbids a token, and gives another one', async () => {
    const first = await client.completions.create({ ...greedy, max_tokens: 1, logprobs: 3 });
    const { top_logprobs, tokens } = first.choices[0]!.logprobs!;
    const second = Object.entries(top_logprobs![0]!).sort((a, b) => b[1] - a[1])[1]![0];
    const id = await idOf(tokens![0]!);
    expect(await said({ max_tokens: 1, logit_bias: { [id]: -100 } })).toBe(second);
  });

  /** The id that stands for a text, found through the text it gives. */
  async function idOf(token: string): Promise<number> {
    for (let id = 0; id < 4000; id += 16) {
      const prompt = Array.from({ length: 16 }, (_, i) => [id + i]);
      const { choices } = await client.completions.create({ model, prompt, max_tokens: 0, echo: true });
      const found = choices.find(({ text }) => text === token);
      if (found) return id + found.index;
    }
    throw new Error(`no token is ${token}`);
  }

  test.each([{ frequency_penalty: 2 }, { presence_penalty: 2 }, { repeat_penalty: 1.8 }])(
    '%j makes it repeat less',
    async (field) => {
      const repeated = (text: string) => text.split(' ').length - new Set(text.split(' ')).size;
      const asked = { prompt: 'stop stop stop stop', max_tokens: 40 };
      expect(repeated(await said({ ...asked, ...field }))).toBeLessThan(repeated(await said(asked)));
    },
  );
});

describe('several answers', () => {
  test('several prompts, as texts and as ids, are answered as each by itself', async () => {
    const prompts = ['The sky is', 'A train'];
    const alone: string[] = [];
    for (const prompt of prompts) alone.push(await said({ prompt }));
    const { choices, usage } = await client.completions.create({ ...greedy, prompt: prompts });
    expect(choices.map(({ index, text }) => [index, text])).toEqual(alone.map((text, i) => [i, text]));
    expect(usage!.total_tokens).toBe(usage!.prompt_tokens + usage!.completion_tokens);
  });

  test('n answers differ, and a seed brings them back', async () => {
    const ask = async () => {
      const asked = { model, messages, n: 4, seed: 7, temperature: 2, max_tokens: 20 };
      const { choices, usage } = await client.chat.completions.create(asked);
      return { texts: choices.map(({ message }) => message.content), usage: usage! };
    };
    const [first, again] = [await ask(), await ask()];
    expect(new Set(first.texts).size).toBeGreaterThan(1);
    expect(again.texts).toEqual(first.texts);
    const one = await client.chat.completions.create({ model, messages, max_tokens: 1 });
    expect(first.usage.prompt_tokens).toBe(one.usage!.prompt_tokens);
  });

  test('a stream tells which answer it goes on with', async () => {
    const texts = ['', ''];
    const ends: string[] = [];
    const stream = await client.completions.create({ ...greedy, n: 2, stream: true });
    for await (const { choices } of stream)
      for (const { index, text, finish_reason } of choices) {
        texts[index] += text;
        if (finish_reason) ends.push(finish_reason);
      }
    expect(texts).toEqual([await said(), await said()]);
    expect(ends).toHaveLength(2);
  });

  test('sixteen streams go on together: the last one begins before the first one ends', async () => {
    const told: string[] = [];
    await Promise.all(
      Array.from({ length: 16 }, async (_, i) => {
        const prompt = `Number ${i}: stop stop stop`;
        const stream = await client.completions.create({ ...greedy, prompt, max_tokens: 100, stream: true });
        let isFirst = true;
        for await (const { choices } of stream) {
          if (isFirst && choices[0]?.text) told.push('begins');
          if (choices[0]?.text) isFirst = false;
        }
        told.push('ends');
      }),
    );
    expect(told.filter((one) => one === 'begins')).toHaveLength(16);
    expect(told.lastIndexOf('begins')).toBeLessThan(told.indexOf('ends'));
  });
});

describe('how likely tokens are', () => {
  test('the likeliest is the one said, and all of the top are probabilities', async () => {
    const asked = { model, messages, temperature: 0, max_tokens: 6, logprobs: true, top_logprobs: 4 };
    const { choices } = await client.chat.completions.create(asked);
    const { content } = choices[0]!.logprobs!;
    expect(content!.map(({ token }) => token).join('')).toBe(choices[0]!.message.content);
    for (const { token, logprob, top_logprobs, bytes } of content!) {
      expect(top_logprobs[0]).toMatchObject({ token, logprob });
      expect(top_logprobs).toHaveLength(4);
      expect(top_logprobs.reduce((sum, one) => sum + Math.exp(one.logprob), 0)).toBeLessThan(1.0001);
      expect(Buffer.from(bytes!).toString()).toBe(token);
    }
  });

  test('they are the same in a stream, and of the model itself, however it is sampled', async () => {
    const asked = { model, messages, temperature: 0, max_tokens: 6, logprobs: true };
    const whole = await client.chat.completions.create(asked);
    const pieces: OpenAI.ChatCompletionTokenLogprob[] = [];
    for await (const { choices } of await client.chat.completions.create({ ...asked, stream: true }))
      pieces.push(...(choices[0]?.logprobs?.content ?? []));
    const logprobs = whole.choices[0]!.logprobs!.content!;
    expect(pieces.map(({ token }) => token)).toEqual(logprobs.map(({ token }) => token));
    const other = await client.chat.completions.create({ ...asked, temperature: 1.9, top_p: 1e-6 });
    other.choices[0]!.logprobs!.content!.forEach(({ logprob }, i) => {
      expect(logprob).toBeCloseTo(logprobs[i]!.logprob, 2);
    });
  });

  test('an echo begins with the prompt, whose first token follows nothing', async () => {
    const { choices } = await client.completions.create({
      ...greedy,
      echo: true,
      logprobs: 2,
      max_tokens: 3,
    });
    const { text, logprobs } = choices[0]!;
    expect(text).toBe(`The sky is${await said({ max_tokens: 3 })}`);
    const { tokens, token_logprobs, text_offset } = logprobs!;
    expect(token_logprobs![0]).toBeNull();
    expect(token_logprobs!.slice(1).every((value) => value < 0)).toBe(true);
    tokens!.forEach((token, i) => {
      expect(text.slice(text_offset![i]!).startsWith(token)).toBe(true);
    });
  });
});

describe('the Responses API', () => {
  const asked = { model, input: 'What colour is the sky?', temperature: 0, max_output_tokens: 12 };

  test('says what chat completions say, whole and in events', async () => {
    const chat = await client.chat.completions.create({ model, messages, temperature: 0, max_tokens: 12 });
    const whole = await client.responses.create(asked);
    expect(whole.output_text).toBe(chat.choices[0]!.message.content);
    expect(whole.usage!.total_tokens).toBe(chat.usage!.total_tokens);
    const stream = client.responses.stream(asked);
    let text = '';
    const numbers: number[] = [];
    for await (const one of stream) {
      numbers.push(one.sequence_number);
      if (one.type === 'response.output_text.delta') text += one.delta;
    }
    expect(text).toBe(whole.output_text);
    expect((await stream.finalResponse()).output_text).toBe(whole.output_text);
    expect(numbers).toEqual(numbers.map((_, i) => i));
  });

  test('a schema is followed, and earlier turns are read', async () => {
    const input = [
      ...messages,
      { role: 'assistant' as const, content: 'Blue.' },
      { role: 'user' as const, content: 'Sure?' },
    ];
    const schema = { type: 'object', properties: { sure: { type: 'boolean' } }, required: ['sure'] };
    const text = { format: { type: 'json_schema' as const, name: 'sure', schema } };
    const { output_text, usage } = await client.responses.create({
      ...asked,
      input,
      text,
      max_output_tokens: 40,
    });
    expect(typeof JSON.parse(output_text).sure).toBe('boolean');
    const short = await client.responses.create(asked);
    expect(usage!.input_tokens).toBeGreaterThan(short.usage!.input_tokens);
  });

  test('what is kept nowhere cannot be gone on with', async () => {
    const next = client.responses.create({ ...asked, previous_response_id: 'resp_1' });
    await expect(next).rejects.toThrow(/send the whole conversation/);
  });
});

/** What of an answer is looked at. */
interface Line {
  readonly done: boolean;
  readonly response: string;
  readonly message: { readonly content: string };
  readonly embeddings: readonly (readonly number[])[];
}

/** The error of an answer of OpenAI's API. */
async function errorIn(response: Response): Promise<{ readonly code: string; readonly message: string }> {
  return ((await response.json()) as { error: { code: string; message: string } }).error;
}

describe("Ollama's API", () => {
  async function ollama(at: string, body?: object): Promise<{ status: number; lines: Line[] }> {
    const response = await fetch(`${base}${at}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: 'Bearer a key' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return { status: response.status, lines };
  }
  const options = { temperature: 0, num_predict: 12 };

  test('chat streams in lines unless it is asked for as a whole', async () => {
    const chat = await client.chat.completions.create({ model, messages, temperature: 0, max_tokens: 12 });
    const whole = await ollama('/api/chat', { model, messages, options, stream: false });
    expect(whole.lines).toMatchObject([
      {
        model,
        message: { role: 'assistant', content: chat.choices[0]!.message.content },
        done: true,
        eval_count: chat.usage!.completion_tokens,
      },
    ]);
    const { lines } = await ollama('/api/chat', { model, messages, options });
    const pieces = lines.map((line) => line.message.content);
    expect(pieces.join('')).toBe(chat.choices[0]!.message.content);
    expect(lines.map(({ done }) => done)).toEqual([...Array(lines.length - 1).fill(false), true]);
  });

  test('text is answered by the template, or goes on as it is', async () => {
    const raw = await ollama('/api/generate', {
      model,
      prompt: 'The sky is',
      raw: true,
      options,
      stream: false,
    });
    expect(raw.lines[0]!.response).toBe(await said());
    const chat = await client.chat.completions.create({ model, messages, temperature: 0, max_tokens: 12 });
    const { content } = messages[0]!;
    const told = await ollama('/api/generate', { model, prompt: content, options, stream: false });
    expect(told.lines[0]!.response).toBe(chat.choices[0]!.message.content);
  });

  test('a format is followed', async () => {
    const format = {
      type: 'object',
      properties: { colour: { enum: ['blue', 'red'] } },
      required: ['colour'],
    };
    const { lines } = await ollama('/api/chat', {
      model,
      messages,
      format,
      options: { num_predict: 40 },
      stream: false,
    });
    const { content } = lines[0]!.message;
    expect(['blue', 'red']).toContain(JSON.parse(content).colour);
  });

  test('embeddings are those of the other API; a long text is cut, or refused where it may not be', async () => {
    const { data } = await client.embeddings.create({ model, input: 'blue sky', encoding_format: 'float' });
    const { lines } = await ollama('/api/embed', { model, input: ['blue sky'] });
    lines[0]!.embeddings[0]!.forEach((value, i) => {
      expect(value).toBeCloseTo(data[0]!.embedding[i]!, 4);
    });
    const input = 'sky '.repeat(400);
    expect((await ollama('/api/embed', { model, input })).lines[0]).toMatchObject({ prompt_eval_count: 255 });
    expect(await ollama('/api/embed', { model, input, truncate: false })).toMatchObject({
      status: 400,
      lines: [{ error: expect.stringContaining('The prompt has') }],
    });
  });

  test('the model is listed and shown', async () => {
    const { lines } = await ollama('/api/tags');
    expect(lines[0]).toMatchObject({
      models: [{ name: model, details: { format: 'gguf', family: 'llama' } }],
    });
    const shown = await ollama('/api/show', { model });
    expect(shown.lines[0]).toMatchObject({
      capabilities: expect.arrayContaining(['completion']),
      model_info: { 'llama.context_length': 256, 'llama.embedding_length': 256 },
    });
  });
});

describe('what would hold everybody up', () => {
  test('a schema of 30,000 values is refused', async () => {
    const schema = {
      type: 'object',
      properties: { c: { enum: Array.from({ length: 30_000 }, (_, i) => `v${i}`) } },
    };
    const asked = client.chat.completions.create({
      model,
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
    });
    await expect(asked).rejects.toMatchObject({ status: 400, code: 'schema_too_large' });
  });

  test('tools that are nested too deep are refused, and the next conversation is answered', async () => {
    const deep = `${'{"properties":{"a":'.repeat(20_000)}{}${'}}'.repeat(20_000)}`;
    const body = `{"messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"f","parameters":${deep}}}]}`;
    const headers = { authorization: 'Bearer a key' };
    const response = await fetch(`${base}/v1/chat/completions`, { method: 'POST', headers, body });
    expect([response.status, (await errorIn(response)).code]).toEqual([400, 'too_deep']);
    await client.chat.completions.create({ model, messages, max_tokens: 1 });
  });

  test('embeddings that nobody waits for are not made', async () => {
    const gone = new AbortController();
    const input = Array.from({ length: 256 }, (_, i) => `text ${i} ${'sky '.repeat(60)}`);
    const asked = client.embeddings.create({ model, input }, { signal: gone.signal });
    const first = client.embeddings.create({ model, input: 'blue' });
    gone.abort();
    await expect(asked).rejects.toThrow();
    await first;
  });
});

test('health is told without the key, and an unknown address by the name that was sent', async () => {
  const health = await fetch(`${base}/health`);
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
  const headers = { authorization: 'Bearer a key' };
  const none = await fetch(`${base}/Some/Where/`, { headers });
  expect((await errorIn(none)).message).toMatch(/^There is no GET \/Some\/Where\/ here\. .*\/api\/chat/);
  const strange = await fetch(`${base}/health`, { headers: { origin: 'https://example.com' } });
  expect(strange.status).toBe(403);
});
