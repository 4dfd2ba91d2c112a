/** OpenAI's own client, unchanged, from an upload to an answer of the tuned model; and what a client is refused. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { practiceRows } from '../../../main/app/practice.ts';
import { startFettle } from '../../helpers/fettle.ts';

let home: string;
let started: ReturnType<typeof startFettle>;
let client: OpenAI;
let address: string;

beforeAll(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'fettle-tuning-'));
  started = startFettle(['tuning', '--port', '0', '--json'], { env: { FETTLE_HOME: home } });
  const heard = (await started.event(
    (event) => (event as { event: string }).event === 'listening',
  )) as unknown as {
    address: string;
    key: string;
  };
  address = heard.address;
  client = new OpenAI({ baseURL: address, apiKey: heard.key, maxRetries: 0 });
});
afterAll(async () => {
  started.signalAll('SIGTERM');
  await started.ended;
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
});

const rows = (count: number) =>
  toFile(
    Buffer.from(readFileSync(practiceRows().data, 'utf8').split('\n').slice(0, count).join('\n')),
    'rows.jsonl',
  );

async function ended(id: string) {
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id);
    if (!['queued', 'running', 'validating_files'].includes(job.status)) return job;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

it('goes from rows to an answer of the tuned model', async () => {
  const file = await client.files.create({ file: await rows(60), purpose: 'fine-tune' });
  expect((await client.files.list()).data.map(({ id }) => id)).toEqual([file.id]);
  expect((await (await client.files.content(file.id)).text()).split('\n')).toHaveLength(60);
  const created = await client.fineTuning.jobs.create({
    ...{ model: 'practice', training_file: file.id, suffix: 'desks', seed: 7 },
    hyperparameters: { n_epochs: 1, batch_size: 8, learning_rate_multiplier: 0.5 },
  });
  expect(created.status).toMatch(/queued|running/);
  expect(created.hyperparameters).toEqual({ n_epochs: 1, batch_size: 8, learning_rate_multiplier: 0.5 });
  const job = await ended(created.id);
  expect(job.status, JSON.stringify(job.error)).toBe('succeeded');
  expect(job.fine_tuned_model).toMatch(/^ft:practice:fettle:desks:/);
  expect(job.trained_tokens).toBeGreaterThan(0);
  const events = (await client.fineTuning.jobs.listEvents(job.id, { limit: 100 })).data;
  expect(events.some(({ type }) => type === 'metrics')).toBe(true);
  expect(events[0]!.message).toContain('succeeded');
  const [, tokens = 0, near = 0] =
    /batch_size 8: steps of (\d+) tokens, about ([\d.]+) of/.exec(
      events.map(({ message }) => message).join('\n'),
    ) ?? [];
  const run = JSON.parse(readFileSync(path.join(home, 'data', 'tuning', 'runs', job.id, 'run.json'), 'utf8'));
  expect(run.tokensPerMicroBatch * run.gradientAccumulation).toBe(Number(tokens));
  expect(Number(near)).toBeGreaterThan(4);
  expect(Number(near)).toBeLessThan(16);
  expect((await client.fineTuning.jobs.checkpoints.list(job.id)).data).toHaveLength(1);
  const models = (await client.models.list()).data.map(({ id }) => id);
  expect(models).toEqual(['practice', job.fine_tuned_model]);
  const { choices } = await client.chat.completions.create({
    ...{ model: job.fine_tuned_model!, max_tokens: 16 },
    messages: [{ role: 'user', content: 'Where is my parcel?' }],
  });
  expect(choices[0]!.message.content!.length).toBeGreaterThan(0);
});

const SAMPLES = path.join(import.meta.dirname, '../../../resources/samples');

/** Better and worse answers as OpenAI's guide has them. */
function pairs(name: string, count: number) {
  const lines = readFileSync(path.join(SAMPLES, name), 'utf8').split('\n').slice(0, count);
  const said = (role: string, content: string) => [{ role, content }];
  const asked = lines.map((line) => {
    const { prompt, chosen, rejected } = JSON.parse(line) as Record<string, string>;
    return JSON.stringify({
      input: { messages: said('user', prompt!), tools: [], parallel_tool_calls: true },
      preferred_output: said('assistant', chosen!),
      non_preferred_output: said('assistant', rejected!),
    });
  });
  return toFile(Buffer.from(asked.join('\n')), 'pairs.jsonl');
}

it('learns better and worse answers, paused and resumed, and measures on a validation file', async () => {
  const upload = async (name: string, count: number) =>
    await client.files.create({ file: await pairs(name, count), purpose: 'fine-tune' });
  const training = await upload('polite-answers.jsonl', 40);
  const validation = await upload('polite-answers.held-out.jsonl', 12);
  const created = await client.fineTuning.jobs.create({
    ...{ model: 'practice', training_file: training.id, validation_file: validation.id },
    method: { type: 'dpo', dpo: { hyperparameters: { n_epochs: 2, beta: 0.2 } } },
  });
  expect(created.validation_file).toBe(validation.id);
  expect((await client.fineTuning.jobs.pause(created.id)).status).toBe('paused');
  expect((await client.fineTuning.jobs.resume(created.id)).status).toMatch(/queued|running/);
  const job = await ended(created.id);
  expect(job.status, JSON.stringify(job.error)).toBe('succeeded');
  const [checkpoint] = (await client.fineTuning.jobs.checkpoints.list(job.id)).data;
  expect(checkpoint!.metrics.full_valid_loss).toBeGreaterThan(0);
  const run = readFileSync(path.join(home, 'data', 'tuning', 'runs', job.id, 'run.json'), 'utf8');
  expect(JSON.parse(run)).toMatchObject({ objective: 'dpo', beta: 0.2, epochs: 2 });
});

it('stops a job that is cancelled', async () => {
  const file = await client.files.create({ file: await rows(200), purpose: 'fine-tune' });
  const { id } = await client.fineTuning.jobs.create({
    ...{ model: 'practice', training_file: file.id },
    method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 50 } } },
  });
  expect((await client.fineTuning.jobs.cancel(id)).status).toBe('cancelled');
  await expect(client.fineTuning.jobs.resume(id)).rejects.toThrow(/cancelled/);
});

it.each([
  ['another purpose', async () => client.files.create({ file: await rows(2), purpose: 'batch' }), 400],
  [
    'a model that is not here',
    async () => client.fineTuning.jobs.create({ model: 'gpt-4o', training_file: 'x' }),
    404,
  ],
  [
    'a file that is none',
    async () => client.fineTuning.jobs.create({ model: 'practice', training_file: '../jobs' }),
    404,
  ],
  ['a path for a file', async () => client.files.retrieve('../../jobs.json'), 404],
  [
    'a batch that is no whole number of rows',
    async () =>
      client.fineTuning.jobs.create({
        ...{ model: 'practice', training_file: 'x', hyperparameters: { batch_size: 2.5 } },
      }),
    400,
  ],
  [
    'a field that is not known',
    async () => client.fineTuning.jobs.create({ model: 'practice', training_file: 'x', integrations: [] }),
    400,
  ],
] as const)('refuses %s', async (_, work, status) => {
  await expect(work()).rejects.toMatchObject({ status });
});

const MB = 1e6;

/** Sends so many MB as a client that streams, with their number said before or not; gives the answer, and what was sent until it came. */
async function uploaded(megabytes: number, isSaid: boolean) {
  const head = Buffer.from(
    '--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n' +
      '--b\r\ncontent-disposition: form-data; name="file"; filename="rows.jsonl"\r\n\r\n',
  );
  const headers = {
    authorization: `Bearer ${client.apiKey}`,
    'content-type': 'multipart/form-data; boundary=b',
    ...(isSaid && { 'content-length': head.length + megabytes * MB }),
  };
  const asked = request(`${address}/files`, { method: 'POST', headers });
  const answered = once(asked, 'response') as Promise<[IncomingMessage]>;
  let isAnswered = false;
  answered.then(() => (isAnswered = true)).catch(() => {});
  asked.write(head);
  let sent = 0;
  const piece = Buffer.alloc(MB, 'x');
  while (!isAnswered && sent < megabytes) {
    sent++;
    if (!asked.write(piece)) await Promise.race([once(asked, 'drain'), answered]);
  }
  const [response] = await answered;
  const said = JSON.parse(await text(response)) as { error: { message: string } };
  asked.destroy();
  return { status: response.statusCode, message: said.error.message, sent };
}

it.each([
  ['before it is read, where the client says how much comes', true, 20],
  ['where the limit is reached, else', false, 220],
])('refuses an upload that is too large %s, and keeps none of it', async (_, isSaid, most) => {
  const kept = () => readdirSync(home, { recursive: true }).sort();
  const before = kept();
  const { status, message, sent } = await uploaded(250, isSaid);
  expect([status, message]).toEqual([413, 'A file may have 200 MB.']);
  expect(sent).toBeLessThan(most);
  expect(kept()).toEqual(before);
  // and goes on serving
  const file = await client.files.create({ file: await rows(2), purpose: 'fine-tune' });
  await client.files.delete(file.id);
});

it('lets nobody in without the key, from a page, or by another name', async () => {
  const of = async (headers: Record<string, string>) =>
    (await fetch(`${address}/models`, { headers })).status;
  expect(await of({})).toBe(401);
  expect(await of({ authorization: 'Bearer wrong' })).toBe(401);
  expect(await of({ authorization: `Bearer ${client.apiKey}`, origin: 'https://example.com' })).toBe(403);
});
