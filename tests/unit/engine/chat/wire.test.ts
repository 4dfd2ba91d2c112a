/** Requests as they travel: how deep they may be nested, and which fields are honoured, without effect, or refused by name. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { OLLAMA_OPTIONS } from '../../../../main/engine/chat/fields.ts';
import { OllamaChat, OllamaEmbed, OllamaGenerate } from '../../../../main/engine/chat/ollama.ts';
import { ChatRequest, CompletionRequest, EmbeddingRequest } from '../../../../main/engine/chat/openai.ts';
import { ResponseRequest } from '../../../../main/engine/chat/responses.ts';
import { ROUTES } from '../../../../main/engine/chat/routes.ts';
import { jsonOf, parsed } from '../../../../main/engine/chat/wire.ts';

const read = (text: string) => jsonOf(Readable.from([Buffer.from(text)]) as IncomingMessage);

test('a request is nested as deep as templates and grammars can walk', async () => {
  const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  await expect(read(nested(100))).resolves.toBeDefined();
  await expect(read(nested(101))).rejects.toMatchObject({ status: 400, code: 'too_deep' });
  await expect(read(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)).rejects.toMatchObject({
    code: 'too_deep',
  });
});

const SCHEMAS: Readonly<Record<string, readonly [z.ZodType, object]>> = {
  chat: [ChatRequest, { messages: [{ role: 'user', content: 'Hi' }] }],
  completion: [CompletionRequest, { prompt: 'Hi' }],
  embedding: [EmbeddingRequest, { input: 'Hi' }],
  response: [ResponseRequest, { input: 'Hi' }],
  'chat of Ollama': [OllamaChat, { messages: [{ role: 'user', content: 'Hi' }] }],
  'text of Ollama': [OllamaGenerate, { prompt: 'Hi' }],
};

test.each(Object.entries(SCHEMAS))(
  'a %s refuses a field that nobody knows, and takes it as null',
  (_, [schema, body]) => {
    expect(() => parsed(schema, { ...body, repetition_penalty: 1.3 })).toThrow(
      /^repetition_penalty: This field is not known here/,
    );
    expect(() => parsed(schema, { ...body, repetition_penalty: null, user: 'me' })).not.toThrow();
  },
);

test.each([
  ['chat', { verbosity: 'high' }, /^verbosity: Ask for it/],
  ['chat', { functions: [{ name: 'f' }] }, /^functions: Send them as "tools"/],
  ['completion', { best_of: 3 }, /^best_of: Ask for "n"/],
  ['response', { previous_response_id: 'resp_1' }, /^previous_response_id: Nothing is kept/],
  ['text of Ollama', { context: [1, 2] }, /^context: Send the conversation to \/api\/chat/],
  ['text of Ollama', { options: { mirostat: 2 } }, /^options\.mirostat: Use/],
  ['chat of Ollama', { options: { tail: 1 } }, /^options\.tail: This field is not known/],
])('a %s refuses %j by name', (kind, field, words) => {
  const [schema, body] = SCHEMAS[kind]!;
  expect(() => parsed(schema, { ...body, ...field })).toThrow(words);
});

test.each([
  ['chat', { verbosity: 'medium', modalities: ['text'], service_tier: 'auto', store: true }],
  ['completion', { best_of: 1, keep_alive: '5m' }],
  ['response', { background: false, include: [], truncation: 'disabled' }],
  ['text of Ollama', { context: [], images: [], options: { num_thread: 4, mirostat: 0, typical_p: 1 } }],
])('a %s takes fields that ask for nothing: %j', (kind, fields) => {
  const [schema, body] = SCHEMAS[kind]!;
  expect(() => parsed(schema, { ...body, ...fields })).not.toThrow();
});

describe('the page about the endpoint', () => {
  const page = readFileSync(new URL('../../../../docs/endpoint.md', import.meta.url), 'utf8');

  test('names every address', () => {
    for (const { path } of ROUTES) expect(page).toContain(`\`${path.replace(':model', 'NAME')}\``);
  });

  test('says of every field whether it is honoured, changes nothing, or is refused', () => {
    const shapes = [
      ChatRequest,
      CompletionRequest,
      EmbeddingRequest,
      ResponseRequest,
      OllamaChat,
      OllamaGenerate,
    ];
    const fields = [...shapes, OllamaEmbed, OLLAMA_OPTIONS.unwrap()].flatMap((schema) =>
      Object.keys(schema.shape),
    );
    const own = new Set(['messages', 'prompt', 'input', 'options']);
    for (const field of new Set(fields))
      if (!own.has(field)) expect([field, page.includes(`\`${field}\``)]).toEqual([field, true]);
  });
});
