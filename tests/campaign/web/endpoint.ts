/** Attacks on the endpoint that lets other programs ask a model: the practice model as a GGUF file, in llama.cpp. */
import { connect } from 'node:net';
import path from 'node:path';
import { serveModel } from '../../../main/engine/chat/endpoint.ts';
import { parseExportConfig } from '../../../main/engine/config/config.ts';
import { exportRun } from '../../../main/engine/session/export.ts';
import {
  type Case,
  expects,
  failuresOf,
  malformedCases,
  request,
  send,
  strangeHosts,
  strangeOrigins,
} from './raw.ts';

const PRACTICE = path.resolve(import.meta.dirname, '../../../resources/practice-model');
const KEY = 'the key of this test';
const ALLOWED = 'http://localhost:3000';
const CHAT = { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1 };

export async function attackEndpoint(
  folder: string,
): Promise<{ cases: number; outcome: string; failures: string[] }> {
  const file = path.join(folder, 'practice.gguf');
  const stop = new AbortController();
  const config = parseExportConfig({ model: PRACTICE, as: 'gguf', out: file, threads: 1 });
  await exportRun(config, { emit: () => {}, stop: stop.signal });
  const heard = Promise.withResolvers<number>();
  const options = {
    file,
    name: 'practice',
    key: KEY,
    port: 0,
    origins: [ALLOWED],
    threads: 1,
    contextSize: 200,
  };
  const serving = serveModel(options, {
    emit: (news) => 'listening' in news && heard.resolve(Number(new URL(news.listening.address).port)),
    stop: stop.signal,
  });
  try {
    const port = await Promise.race([
      heard.promise,
      serving.then(() => Promise.reject(new Error('it ended'))),
    ]);
    const cases = [doors, bodies, (at: number) => malformedCases(at), crowds].flatMap((make) => make(port));
    const failures = await failuresOf([...cases, alive(port)]);
    return {
      cases: cases.length + 1,
      outcome: `${cases.length + 1 - failures.length} as they should`,
      failures,
    };
  } finally {
    stop.abort();
    await serving.catch(() => {});
  }
}

function ask(
  port: number,
  method: string,
  at: string,
  more: Readonly<Record<string, string | null>> = {},
  body: unknown = undefined,
) {
  const all = { Host: `127.0.0.1:${port}`, Authorization: `Bearer ${KEY}`, Connection: 'close', ...more };
  const headers = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
  return send(
    port,
    request(
      method,
      at,
      headers,
      body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    ),
  );
}

function doors(port: number): Case[] {
  const ways = {
    'the models': () => ['GET', '/v1/models'] as const,
    'a chat': () => ['POST', '/v1/chat/completions', CHAT] as const,
  };
  const each = Object.entries(ways);
  const asked =
    (way: () => readonly [string, string, unknown?], more: Readonly<Record<string, string | null>>) => () => {
      const [method, at, body] = way();
      return ask(port, method, at, more, body);
    };
  const keys: readonly (string | null)[] = [
    null,
    '',
    KEY,
    `Bearer ${KEY}x`,
    'Bearer ',
    `bearer  ${KEY}`,
    `Basic ${KEY}`,
    `Bearer ${KEY.slice(1)}`,
    `Bearer ${'k'.repeat(5000)}`,
    'Bearer \u00ff',
  ];
  return each.flatMap(([name, way]) => [
    ...strangeHosts(port).map((host) =>
      expects(`${name}, Host ${host}`, [0, 400, 421], asked(way, { Host: host })),
    ),
    ...strangeOrigins(port)
      .filter((origin) => origin !== '')
      .map((origin) => expects(`${name}, Origin ${origin}`, [403], asked(way, { Origin: origin }))),
    ...keys.map((key) =>
      expects(`${name}, key ${key?.slice(0, 20)}`, [401], asked(way, { Authorization: key })),
    ),
    expects(`${name}, an allowed origin`, [200], asked(way, { Origin: ALLOWED })),
  ]);
}

const PREDICATE = { type: 'predicate', name: '__proto__' };
const LONG = 'word '.repeat(5000);
const DEEP = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;

/** Requests for a chat that are refused, by what is wrong with them. */
const WRONG: Readonly<Record<string, unknown>> = {
  'no JSON': '{',
  nothing: ' ',
  'a list': [],
  null: 'null',
  'a number': '1',
  'no messages': {},
  'no message': { messages: [] },
  'messages that are text': { messages: 'Hi' },
  'a message that is null': { messages: [null] },
  'an unknown role': { messages: [{ role: 'root', content: 'x' }] },
  'a picture': {
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }] }],
  },
  'a content that is an object': { messages: [{ role: 'user', content: {} }] },
  'a message that is too long': { messages: [{ role: 'user', content: LONG }] },
  'a negative limit': { ...CHAT, max_tokens: -1 },
  'a limit that is text': { ...CHAT, max_tokens: '5' },
  'a limit that is no number': `{"messages":[{"role":"user","content":"x"}],"max_tokens":1e999}`,
  'a high temperature': { ...CHAT, temperature: 99 },
  'more answers than there are places': { ...CHAT, n: 17 },
  'an unknown field': { ...CHAT, repetition_penalty: 1.1 },
  'a bias of no token': { ...CHAT, logit_bias: { 999999: 1 } },
  'many stops': { ...CHAT, stop: Array(50).fill('x') },
  'a stop that is a number': { ...CHAT, stop: 7 },
  'a seed that is a fraction': { ...CHAT, seed: 0.5 },
  'a stream that is text': { ...CHAT, stream: 'yes' },
  'an unknown format': { ...CHAT, response_format: { type: 'xml' } },
  'a schema that is text': {
    ...CHAT,
    response_format: { type: 'json_schema', json_schema: { schema: 'x' } },
  },
  'tools without a name': { ...CHAT, tools: [{ type: 'function', function: {} }] },
  'a call that nobody offers': { ...CHAT, tool_choice: 'required' },
  'deep JSON': DEEP,
  'a polluting message': '{"__proto__":{"admin":true}}',
};

function bodies(port: number): Case[] {
  const at =
    (where: string, body: unknown, allowed = [400]) =>
    () =>
      ask(port, 'POST', where, {}, body).then((answer) => {
        if (allowed.includes(answer.status) && !/"message":"[^"]/.test(answer.body))
          return { ...answer, status: -1 };
        return answer;
      });
  const refusedAt = (name: string, where: string, body: unknown) =>
    expects(name, [400], at(where, body), /internal|undefined|\.ts:/);
  const refusedOllama = (name: string, where: string, body: unknown) =>
    expects(name, [400], () => ask(port, 'POST', where, {}, body), /internal|undefined|\.ts:/);
  return [
    ...Object.entries(WRONG).map(([what, body]) =>
      refusedAt(`a chat: ${what}`, '/v1/chat/completions', body),
    ),
    ...[
      {},
      { prompt: [] },
      { prompt: [[]] },
      { prompt: [999999] },
      { prompt: Array(17).fill('a') },
      { prompt: 7 },
      { prompt: LONG },
      { prompt: 'x', max_tokens: -1 },
    ].map((body) => refusedAt(`a completion: ${JSON.stringify(body).slice(0, 30)}`, '/v1/completions', body)),
    ...[
      {},
      { input: [] },
      { input: 7 },
      { input: Array(300).fill('x') },
      { input: LONG },
      { input: [''] },
    ].map((body) => refusedAt(`an embedding: ${JSON.stringify(body).slice(0, 30)}`, '/v1/embeddings', body)),
    ...[{}, { input: [] }, { input: 'x', previous_response_id: 'resp_1' }, { input: LONG }].map((body) =>
      refusedAt(`a response: ${JSON.stringify(body).slice(0, 30)}`, '/v1/responses', body),
    ),
    ...[
      {},
      { query: '', documents: ['x'] },
      { query: 'x', documents: [] },
      { query: 'x', documents: 'x' },
      { query: 'x', documents: [7] },
      { query: 'x', documents: Array(1001).fill('x') },
      { query: 'x', documents: ['x'], top_n: 0 },
      { query: 'x', documents: [{ text: 'x' }], rank_fields: ['__proto__'] },
    ].map((body) => refusedAt(`a ranking: ${JSON.stringify(body).slice(0, 40)}`, '/v1/rerank', body)),
    ...[
      {},
      { input: 'x', questions: [] },
      { input: [], questions: [PREDICATE] },
      { input: 'x', questions: Array(65).fill(PREDICATE) },
      { input: 'x', questions: [{ ...PREDICATE, name: '' }] },
      { input: 'x', questions: [{ type: 'choice', name: 'a', choices: [{ value: 'b' }, { value: 'b' }] }] },
      { input: 'x', questions: [{ type: 'score', name: 'a', levels: [] }] },
      { input: [{ role: 'system', content: 'x' }], questions: [PREDICATE] },
      { input: 'x', questions: [PREDICATE], stream: true },
      // asked as they should be, of a model that was trained for no questions
      { input: 'x', questions: [PREDICATE] },
    ].map((body) => refusedAt(`a decision: ${JSON.stringify(body).slice(0, 40)}`, '/v1/decisions', body)),
    ...[{}, { messages: [] }, { ...CHAT, options: { mirostat: 2 } }].map((body) =>
      refusedOllama(`a chat of Ollama: ${JSON.stringify(body).slice(0, 30)}`, '/api/chat', body),
    ),
    ...[
      '/',
      '/v1',
      '/v1/',
      '/v2/models',
      '/v1/models/other',
      '/v1/../secret',
      '//v1/models',
      '/v1/chat',
      '/%2e%2e/x',
    ].map((where) => expects(`the path ${where}`, [404], () => ask(port, 'GET', where))),
    ...['GET', 'PUT', 'DELETE'].map((method) =>
      expects(`${method} a chat`, [404], () => ask(port, method, '/v1/chat/completions')),
    ),
    expects('a request of 17 MB', [0, 413], at('/v1/chat/completions', 'x'.repeat(17e6), [])),
  ];
}

function crowds(port: number): Case[] {
  const waiting: Case = {
    what: '60 requests at once: those that can’t wait are told so',
    async run() {
      const answers = await Promise.all(
        Array.from({ length: 60 }, () => ask(port, 'POST', '/v1/chat/completions', {}, CHAT)),
      );
      const statuses = new Set(answers.map(({ status }) => status));
      return [...statuses].every((status) => status === 200 || status === 429)
        ? null
        : `answered with ${[...statuses]}`;
    },
  };
  const gone: Case = {
    what: '20 clients that go away in the middle',
    async run() {
      for (let i = 0; i < 20; i++) {
        const socket = connect(port, '127.0.0.1').on('error', () => {});
        const headers = [
          ['Host', `127.0.0.1:${port}`],
          ['Authorization', `Bearer ${KEY}`],
        ] as const;
        socket.write(
          request(
            'POST',
            '/v1/chat/completions',
            headers,
            JSON.stringify({ ...CHAT, max_tokens: 100, stream: true }),
          ),
        );
        await new Promise((resolve) => setTimeout(resolve, 20));
        socket.destroy();
      }
      return null;
    },
  };
  const idle: Case = {
    what: '300 connections that say nothing',
    async run() {
      const sockets = Array.from({ length: 300 }, () => connect(port, '127.0.0.1').on('error', () => {}));
      const answer = await ask(port, 'GET', '/v1/models');
      for (const socket of sockets) socket.destroy();
      return answer.status === 200 ? null : `answered with ${answer.status}`;
    },
  };
  return [waiting, gone, idle];
}

function alive(port: number): Case {
  return expects('afterwards', [200], () => ask(port, 'POST', '/v1/chat/completions', {}, CHAT));
}
