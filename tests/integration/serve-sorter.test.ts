/** Sorters behind the endpoint: categories with the scores that sorting a file gives, as vLLM has it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EndpointNews } from '../../common/protocol/protocol.ts';
import { prepareServed } from '../../main/app/answering.ts';
import { parseClassifyConfig, parseSorterConfig } from '../../main/engine/config/config.ts';
import { classify } from '../../main/engine/session/classify.ts';
import { serve } from '../../main/engine/session/serve.ts';
import { trainSorterRun } from '../../main/engine/session/sorter.ts';
import { SENTENCE_MODULES, writeTinyEncoder } from '../helpers/tiny-encoder.ts';
import { townRows, townTable } from '../helpers/town-rows.ts';

const quiet = { emit: () => {}, stop: new AbortController().signal };
const known = { ...process.env };
let folder = '';
const file = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-serve-sorter-'));
  process.env.FETTLE_HOME = file('home');
  process.env.HF_HUB_CACHE = file('hub');
  await writeFile(file('letters.csv'), townTable());
  await writeTinyEncoder(file('encoder'), 'bert', { 'modules.json': SENTENCE_MODULES });
});
afterAll(async () => {
  process.env = known;
  await rm(folder, { recursive: true, force: true });
});

interface Classified {
  readonly data: readonly {
    readonly index: number;
    readonly label: string;
    readonly probs: readonly number[];
    readonly num_classes: number;
  }[];
  readonly labels: readonly string[];
  readonly usage: { readonly prompt_tokens: number };
}

describe.each(['words', 'vectors'] as const)('a sorter by %s', (by) => {
  const stop = new AbortController();
  let address = '';
  let ended: Promise<void>;

  beforeAll(async () => {
    const given = { data: file('letters.csv'), heldOut: 0.25, threads: 1, by, out: file(by) };
    const config = by === 'words' ? given : { ...given, encoder: file('encoder') };
    await trainSorterRun(parseSorterConfig(config), quiet);
    const never = () => Promise.reject(new Error('nothing is exported'));
    const served = await prepareServed({ run: file(by), type: 'f16', key: 'a key' }, never as never, {});
    const heard = Promise.withResolvers<string>();
    const emit = (news: EndpointNews) => {
      if ('listening' in news) heard.resolve(news.listening.address);
    };
    const options = { ...served, port: 0, origins: [], threads: 1, contextSize: 256 };
    ended = serve(options, { emit, stop: stop.signal });
    address = await Promise.race([heard.promise, ended.then(() => '')]);
  });
  afterAll(async () => {
    stop.abort();
    await ended;
  });

  const ask = async (route: string, body: object) => {
    const response = await fetch(`${address}/${route}`, {
      method: 'POST',
      headers: { authorization: 'Bearer a key', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Classified & { error?: object } };
  };

  test('gives the labels and scores that it gives to the rows of a file', async () => {
    const messages = townRows().map(({ message }) => message);
    const { body } = await ask('classify', { model: by, input: messages });
    const out = file(`${by}-sorted.csv`);
    const config = parseClassifyConfig({ run: file(by), data: file('letters.csv'), out, threads: 1 });
    const { scored, labels } = await classify(config, quiet);
    expect(body.labels).toEqual(labels);
    expect(body.data).toHaveLength(messages.length);
    for (const { probs, num_classes, label, index } of body.data) {
      expect(num_classes).toBe(labels.length);
      expect(probs.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9);
      expect(label).toBe(labels[probs.indexOf(Math.max(...probs))]);
      const row = scored!.first[index];
      if (row === undefined) continue;
      expect(label).toBe(row.category);
      expect(Math.max(...probs)).toBeCloseTo(row.score, 5);
    }
    expect(body.usage.prompt_tokens).toBeGreaterThan(messages.length);
  });

  test('takes one text, and refuses what would change its scores', async () => {
    expect((await ask('classify', { input: 'Where is my parcel?' })).body.data).toHaveLength(1);
    expect(await ask('classify', { input: 'a', activation: false })).toMatchObject({
      status: 400,
      body: { error: { message: 'activation: Probabilities are what a sorter gives.' } },
    });
  });

  test('does nothing else', async () => {
    for (const [route, body] of [
      ['embeddings', { input: 'a' }],
      ['rerank', { query: 'a', documents: ['b'] }],
      ['chat/completions', { messages: [{ role: 'user', content: 'Hi' }] }],
      ['completions', { prompt: 'Hi' }],
    ] as const)
      expect(await ask(route, body), route).toMatchObject({
        status: 400,
        body: { error: { code: 'only_categories' } },
      });
  });
});
