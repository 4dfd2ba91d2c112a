/** A model for other programs, asked by OpenAI's own client; the practice model as GGUF, in llama.cpp. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as ask } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EndpointNews } from '../../common/protocol/protocol.ts';
import { serveModel } from '../../main/engine/chat/endpoint.ts';
import { PRACTICE, servePractice } from '../helpers/endpoint.ts';
import { startFettle } from '../helpers/fettle.ts';

/** As Hermes has it, for the practice model. */
const TOOL_TEMPLATE =
  '{% if tools %}{{ tools | tojson }}\n{% endif %}{% for m in messages %}{{ m.role }}: {{ m.content }}{% for c in m.tool_calls or [] %}<tool_call>{{ c.function | tojson }}</tool_call>{% endfor %}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}';

let folder = '';
const stop = new AbortController();
const news: EndpointNews[] = [];
const serving: Promise<void>[] = [];
let client: OpenAI;
let tools: OpenAI;
let base = '';

async function serve(from: string, name: string, contextSize = 200): Promise<string> {
  const onNews = (said: EndpointNews) => void news.push(said);
  const { address, ended } = await servePractice(name, {
    folder,
    stop: stop.signal,
    from,
    contextSize,
    onNews,
  });
  serving.push(ended);
  return address;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-endpoint-'));
  base = await serve(PRACTICE, 'practice');
  client = new OpenAI({ baseURL: base, apiKey: 'a key', maxRetries: 0 });
  const withTools = path.join(folder, 'with-tools');
  await cp(PRACTICE, withTools, { recursive: true, filter: (from) => !from.endsWith('source') });
  const file = path.join(withTools, 'tokenizer_config.json');
  const settings = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...settings, chat_template: TOOL_TEMPLATE }));
  tools = new OpenAI({ baseURL: await serve(withTools, 'tools', 256), apiKey: 'a key', maxRetries: 0 });
});

afterAll(async () => {
  stop.abort();
  await Promise.all(serving);
  await rm(folder, { recursive: true, force: true });
});

const said = [{ role: 'user', content: 'What colour is the sky?' }] as const;
const greedy = { model: 'practice', messages: [...said], temperature: 0, max_tokens: 12 };

describe('chat completions', () => {
  test('one answer, as a whole and as a stream', async () => {
    const whole = await client.chat.completions.create(greedy);
    const [choice] = whole.choices;
    expect(choice!.message.content).not.toBe('');
    expect(whole.usage!.total_tokens).toBe(whole.usage!.prompt_tokens + whole.usage!.completion_tokens);
    const stream = await client.chat.completions.create({
      ...{ ...greedy, stream: true },
      stream_options: { include_usage: true },
    });
    let text = '';
    let [finish, usage] = [null as string | null, null as object | null];
    for await (const { choices, usage: counted } of stream) {
      text += choices[0]?.delta.content ?? '';
      finish = choices[0]?.finish_reason ?? finish;
      usage = counted ?? usage;
    }
    expect(text).toBe(choice!.message.content);
    expect(finish).toBe(choice!.finish_reason);
    expect(usage).toEqual(whole.usage);
  });

  test('the same seed says the same, and another one something else', async () => {
    const wild = { ...greedy, temperature: 2, max_tokens: 20 };
    const answers: (string | null)[] = [];
    for (const seed of [1, 1, 2]) {
      const { choices } = await client.chat.completions.create({ ...wild, seed });
      answers.push(choices[0]!.message.content);
    }
    const [first, again, other] = answers;
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('an answer that follows a JSON schema', async () => {
    const schema = {
      type: 'object',
      properties: { colour: { enum: ['blue', 'red'] }, sure: { type: 'boolean' } },
      required: ['colour', 'sure'],
    };
    const format = { type: 'json_schema' as const, json_schema: { name: 'sky', schema } };
    const { choices } = await client.chat.completions.create({
      ...greedy,
      max_tokens: 60,
      response_format: format,
    });
    const { content } = choices[0]!.message;
    // the model would go on with empty lines
    expect([content!.trim(), choices[0]!.finish_reason]).toEqual([content, 'stop']);
    const answer = JSON.parse(content!);
    expect(['blue', 'red']).toContain(answer.colour);
    expect(typeof answer.sure).toBe('boolean');
  });

  test('text in parts, and no images', async () => {
    const parts = [{ type: 'text' as const, text: said[0].content }];
    const plain = await client.chat.completions.create(greedy);
    const same = await client.chat.completions.create({
      ...greedy,
      messages: [{ role: 'user', content: parts }],
    });
    expect(same.choices[0]!.message.content).toBe(plain.choices[0]!.message.content);
    const image = [{ type: 'image_url' as const, image_url: { url: 'data:,' } }];
    const asked = client.chat.completions.create({ ...greedy, messages: [{ role: 'user', content: image }] });
    await expect(asked).rejects.toThrow(/Only text can be read/);
  });
});

describe('tools', () => {
  const sum = {
    type: 'function' as const,
    function: {
      name: 'add',
      parameters: {
        type: 'object',
        properties: { a: { type: 'integer' }, b: { type: 'integer' } },
        required: ['a', 'b'],
      },
    },
  };
  const asked = { ...greedy, max_tokens: 60, tools: [sum] };

  test('a required call is one of the tool with arguments of its schema, also in a stream', async () => {
    const { choices } = await tools.chat.completions.create({ ...asked, tool_choice: 'required' });
    const [call] = choices[0]!.message.tool_calls ?? [];
    expect(choices[0]!.finish_reason).toBe('tool_calls');
    if (call?.type !== 'function') throw new Error('no call');
    expect(call.function.name).toBe('add');
    expect(Object.keys(JSON.parse(call.function.arguments)).sort()).toEqual(['a', 'b']);
    const runner = tools.chat.completions.stream({ ...asked, tool_choice: 'required' });
    const streamed = await runner.finalChatCompletion();
    expect(streamed.choices[0]!.message.tool_calls![0]).toMatchObject({
      function: { name: 'add', arguments: call.function.arguments },
    });
  });

  test('text that is no call is streamed as it is said', async () => {
    const free = { ...asked, max_tokens: 12 };
    const whole = await tools.chat.completions.create(free);
    const { content } = whole.choices[0]!.message;
    expect(content).toMatch(/^[^<[{]+$/);
    const pieces: string[] = [];
    for await (const { choices } of await tools.chat.completions.create({ ...free, stream: true }))
      pieces.push(choices[0]!.delta.content ?? '');
    expect(pieces.join('')).toBe(content);
    expect(pieces.filter((piece) => piece !== '').length).toBeGreaterThan(3);
  });

  test('calls and results of earlier turns are read', async () => {
    const tool_calls = [
      { id: 'c1', type: 'function' as const, function: { name: 'add', arguments: '{"a":1,"b":2}' } },
    ];
    const messages = [
      ...said,
      { role: 'assistant' as const, content: null, tool_calls },
      { role: 'tool' as const, tool_call_id: 'c1', content: '3' },
    ];
    const [short, long] = await Promise.all(
      [said, messages].map((turns) =>
        tools.chat.completions.create({ ...asked, messages: [...turns], max_tokens: 1 }),
      ),
    );
    expect(long!.usage!.prompt_tokens).toBeGreaterThan(short!.usage!.prompt_tokens + 10);
  });

  test('a model without a place for tools reads them as text', async () => {
    // more of it than this small model can read
    const without = await client.chat.completions.create({ ...greedy, max_tokens: 1 });
    expect(without.usage!.prompt_tokens).toBeLessThan(50);
    await expect(client.chat.completions.create(asked)).rejects.toThrow(/The prompt has [12]\d\d tokens/);
  });
});

test('completions end where they are told to', async () => {
  const asked = { model: 'practice', prompt: 'The sky is', temperature: 0, max_tokens: 12 };
  const free = await client.completions.create(asked);
  const { text } = free.choices[0]!;
  const until = text.slice(3, 6);
  const ended = await client.completions.create({ ...asked, stop: [until] });
  expect(ended.choices[0]).toMatchObject({ text: text.slice(0, text.indexOf(until)), finish_reason: 'stop' });
  const stream = await client.completions.create({ ...asked, stop: [until], stream: true });
  let streamed = '';
  for await (const { choices } of stream) streamed += choices[0]!.text;
  expect(streamed).toBe(ended.choices[0]!.text);
});

test('embeddings in both encodings', async () => {
  const input = ['blue sky', 'red wine'];
  const encoded = await client.embeddings.create({ model: 'practice', input });
  const plain = await client.embeddings.create({ model: 'practice', input, encoding_format: 'float' });
  expect(plain.data.map(({ embedding }) => embedding.length)).toEqual([256, 256]);
  encoded.data.forEach(({ embedding }, i) => {
    expect(embedding).toHaveLength(256);
    expect(embedding[7]).toBeCloseTo(plain.data[i]!.embedding[7]!, 5);
  });
});

describe('who may ask', () => {
  /** The status of a plain request with these headers. */
  function status(headers: Record<string, string>, method = 'GET'): Promise<number> {
    return new Promise((resolve, reject) => {
      const given = { authorization: 'Bearer a key', ...headers };
      ask(`${base}/models`, { method, headers: given }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
        .on('error', reject)
        .end();
    });
  }

  test.each([
    ['with the key', {}, 200],
    ['with another one', { authorization: 'Bearer wrong' }, 401],
    ['without one', { authorization: '' }, 401],
    ['under another name', { host: 'example.com' }, 421],
    ['a page of a stranger', { origin: 'https://example.com' }, 403],
    ['a page that was allowed', { origin: 'http://localhost:3000' }, 200],
  ])('%s', async (_, headers, expected) => {
    expect(await status(headers)).toBe(expected);
  });

  const VIEW = 'vscode-webview://1kq0t5h3m6mcbqd';

  test('a browser may ask whether a page may ask, without the key', async () => {
    expect(await status({ authorization: '', origin: 'http://localhost:3000' }, 'OPTIONS')).toBe(204);
    expect(await status({ authorization: '', origin: 'https://example.com' }, 'OPTIONS')).toBe(403);
    expect(await status({ authorization: '', origin: VIEW }, 'OPTIONS')).toBe(204);
  });

  test('a page of an editor may send what the client of OpenAI sends', async () => {
    const fields = 'authorization,content-type,x-stainless-arch,x-stainless-lang';
    const { headers } = await fetch(`${base}/chat/completions`, {
      method: 'OPTIONS',
      headers: {
        origin: VIEW,
        'access-control-request-method': 'POST',
        'access-control-request-headers': fields,
        'access-control-request-private-network': 'true',
      },
    });
    const said = (name: string) => headers.get(`access-control-allow-${name}`);
    expect(said('origin')).toBe(VIEW);
    expect(said('headers')).toBe(fields);
    expect(said('methods')).toBe('GET, POST');
    expect(said('private-network')).toBe('true');
  });

  test('all of the web cannot be allowed', async () => {
    const options = { file: 'none.gguf', name: 'x', key: 'x', port: 0, contextSize: 16 };
    for (const origin of ['*', 'https://*', 'http://*', 'null', ' NULL'])
      await expect(
        serveModel({ ...options, origins: [origin] }, { emit: () => {}, stop: stop.signal }),
      ).rejects.toMatchObject({ code: 'bad-config' });
  });
});

/** As programs send them: OpenAI's client for Python as recorded, editors as they write them. */
interface Sent {
  readonly from: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly stream?: boolean } | null;
  readonly status: number;
  /** What stands in the answer. */
  readonly says: string;
  /** Whether the model has to have a place for tools, as few small ones do. */
  readonly hasTools?: true;
}

describe('requests of other programs', async () => {
  const file = path.resolve(import.meta.dirname, '../fixtures/endpoint-requests.json');
  const all = JSON.parse(await readFile(file, 'utf8')) as Sent[];

  test.each(all)('$from', async ({ method, path: at, headers, body, status, says, hasTools }) => {
    const response = await fetch(`${hasTools ? tools.baseURL : base}${at}`, {
      method,
      headers: { ...headers, authorization: headers.authorization ?? 'Bearer a key' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect([response.status, text]).toEqual([status, expect.stringMatching(new RegExp(says))]);
    if (body?.stream && status === 200) {
      const events = text.split('\n\n').filter((one) => one !== '');
      expect(events.at(-1)).toBe('data: [DONE]');
      for (const one of events.slice(0, -1))
        expect(() => JSON.parse(one.slice('data: '.length))).not.toThrow();
    }
  });
});

test('addresses are known with and without their version, and names in any case', async () => {
  const root = base.replace(/\/v1$/, '');
  for (const at of ['/v1/models/', '/models', '/V1/Models', '/v1//models', '/v1/models/Practice']) {
    const response = await fetch(`${root}${at}`, { headers: { authorization: 'Bearer a key' } });
    expect([at, response.status]).toEqual([at, 200]);
  }
});

test('what is wrong is said in the form of the API', async () => {
  const long = client.completions.create({ model: 'practice', prompt: 'sky '.repeat(300) });
  await expect(long).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
  const none = client.chat.completions.create({ ...greedy, messages: [] });
  await expect(none).rejects.toMatchObject({ status: 400, code: 'invalid_request' });
  await expect(client.models.retrieve('other')).rejects.toMatchObject({ status: 404 });
});

test('a client that goes away does not hold up the next one', async () => {
  const gone = new AbortController();
  const stream = await client.chat.completions.create(
    { ...greedy, max_tokens: 150, stream: true },
    { signal: gone.signal },
  );
  for await (const _ of stream) {
    gone.abort();
    break;
  }
  await client.chat.completions.create({ ...greedy, max_tokens: 1 });
});

test('every request is told of', () => {
  const told = news.flatMap((one) => ('request' in one ? [one.request] : []));
  expect(told.length).toBeGreaterThan(10);
  expect(
    told.some(({ path, status, tokens }) => path === '/v1/chat/completions' && status === 200 && tokens > 0),
  ).toBe(true);
  expect(JSON.stringify(told)).not.toContain('sky');
});

test('`fettle run` prepares a folder, tells its address and ends with Ctrl-C', async () => {
  const env = { FETTLE_HOME: path.join(folder, 'home') };
  const started = startFettle(['run', '--model', PRACTICE, '--port', '0', '--json', '--threads', '1'], {
    env: { ...env, FETTLE_KEY: 'of-the-environment' },
  });
  const listening = (await started.event(
    (event) => (event.event as string) === 'listening',
  )) as unknown as Record<string, string>;
  const here = new OpenAI({ baseURL: listening.address!, apiKey: listening.key!, maxRetries: 0 });
  const { data } = await here.models.list();
  expect(data[0]!.id).toBe('practice-model');
  expect(listening.key).toBe('of-the-environment');
  started.signalAll('SIGINT');
  expect((await started.ended).code).toBe(0);
});

describe('the key that a person chooses', () => {
  const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const started = startFettle(['run', '--model', path.join(folder, 'practice.gguf'), ...args], { env });
    return started.ended;
  };

  test('is no flag: all users of the computer would see it', async () => {
    const { code, err } = await run(['--key', 'a-secret-key']);
    expect([code, err]).toEqual([2, expect.stringMatching(/has no flag --key\..*--key-file/s)]);
  });

  test('comes from a file, in one line', async () => {
    const file = path.join(folder, 'key.txt');
    await writeFile(file, 'two words\n');
    const refused = await run(['--key-file', file]);
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('holds no key')]);
    const missing = await run(['--key-file', path.join(folder, 'none.txt')]);
    expect(missing.err).toContain('none.txt');
  });
});
