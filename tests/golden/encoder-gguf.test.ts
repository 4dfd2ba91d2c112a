/**
 * Encoders out of GGUF files that other code wrote (make/make_encoder_gguf.py): ids and vectors are those of Transformers, whatever the
 * tokenizer; and what Fettle writes itself, read again.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { EndpointNews } from '../../common/protocol/protocol.ts';
import { serveModel } from '../../main/engine/chat/endpoint.ts';
import { openReranker } from '../../main/engine/eval/vectors/open-reranker.ts';
import { pairIds } from '../../main/engine/eval/vectors/pair-texts.ts';
import { headOf } from '../../main/engine/eval/vectors/reranker.ts';
import { openTextVectors } from '../../main/engine/eval/vectors/vectors.ts';
import { writeEncoderGguf } from '../../main/engine/export/reading/gguf.ts';
import { openGguf } from '../../main/engine/io/gguf.ts';
import {
  encoderFiles,
  encoderIn,
  encodersHere,
  folderOf,
  rerankerIn,
} from '../../main/engine/load/find-encoders.ts';
import { inspectModel } from '../../main/engine/load/inspect.ts';
import { openEncoder } from '../../main/engine/load/open-encoder.ts';
import { prepareWeights } from '../../main/engine/load/weights.ts';
import { writeEncoder, writeReranker } from '../../main/engine/load/write-encoder.ts';
import { ggufArchitectureOf } from '../../main/gguf-architecture.ts';
import { encoderIn as hubEncoderIn } from '../../main/hub/local.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { difference } from './compare.ts';

const scratch = temporaryFolder();
afterAll(scratch.remove);
const data = path.join(import.meta.dirname, 'data/encoder-gguf');
const fileOf = (family: string) => path.join(data, `${family}.gguf`);

interface Known {
  readonly text: string;
  readonly ids: readonly number[];
  readonly vector: readonly number[];
}
const knownOf = (family: string) =>
  JSON.parse(readFileSync(path.join(data, `${family}.json`), 'utf8')) as readonly Known[];

const furthest = (found: readonly Float32Array[], wanted: readonly ArrayLike<number>[]) =>
  Math.max(...found.map((own, i) => difference(own, Float32Array.from(wanted[i]!))));

describe.each([
  ['bert', 'mean'],
  ['roberta', 'mean'],
  ['xlm_roberta', 'cls'],
  ['modernbert', 'mean'],
])('%s', (family, pooling) => {
  const known = knownOf(family);
  const texts = known.map(({ text }) => text);

  it('has the ids and vectors of Transformers', async () => {
    const vectors = await openTextVectors(fileOf(family), 1);
    try {
      expect(texts.map((text) => vectors.idsOf(text))).toEqual(known.map(({ ids }) => ids));
      const wanted = known.map(({ vector }) => vector);
      expect(furthest(await vectors.of(texts), wanted)).toBeLessThan(1e-6);
    } finally {
      await vectors.close();
    }
  });

  it('is known as a model that reads, with all that is in the file', async () => {
    expect(await hubEncoderIn(fileOf(family))).toBe('known');
    expect(await encoderIn(fileOf(family))).toMatchObject({ name: family, path: fileOf(family) });
    const seen = await inspectModel(fileOf(family));
    expect(seen).toMatchObject({ reads: true, format: 'gguf', tokenizer: {}, config: { pooling } });
    expect(seen.config).not.toHaveProperty('tensors not used');
    expect(seen.config).not.toHaveProperty('settings not known');
  });

  it('is written as a folder, where it is the same', async () => {
    const to = path.join(scratch.folder, `folder-${family}`);
    await writeEncoder(fileOf(family), to, new Map());
    const [before, after] = await Promise.all([fileOf(family), to].map((place) => openTextVectors(place, 1)));
    try {
      expect(texts.map((text) => after!.idsOf(text))).toEqual(known.map(({ ids }) => ids));
      expect(furthest(await after!.of(texts), await before!.of(texts))).toBeLessThan(1e-7);
    } finally {
      await Promise.all([before!.close(), after!.close()]);
    }
  });
});

describe('what Fettle writes', () => {
  it.each([
    ['f32', 1 - 1e-6],
    ['f16', 1 - 1e-6],
    ['Q8_0', 0.999],
  ] as const)('in %s has the same ids, and vectors as near as that type', async (type, least) => {
    const opened = await openEncoder(fileOf('bert'));
    const file = path.join(scratch.folder, `own-${type}.gguf`);
    const weights = await prepareWeights(opened, path.join(scratch.folder, 'cache'));
    const facts = { name: 'own', baseModel: 'own', licence: null, tags: [] };
    await writeEncoderGguf(file, { opened, weights, prompt: '', head: null }, type, facts);
    const [before, after] = await Promise.all(
      [fileOf('bert'), file].map((place) => openTextVectors(place, 1)),
    );
    const texts = knownOf('bert').map(({ text }) => text);
    try {
      expect(texts.map((text) => after!.idsOf(text))).toEqual(knownOf('bert').map(({ ids }) => ids));
      const [wanted, found] = [await before!.of(texts), await after!.of(texts)];
      if (type === 'f32') expect(furthest(found, wanted)).toBeLessThan(1e-6);
      for (const [i, own] of found.entries())
        expect(own.reduce((sum, value, j) => sum + value * wanted[i]![j]!, 0)).toBeGreaterThan(least);
    } finally {
      await Promise.all([before!.close(), after!.close()]);
      await opened.store.close();
    }
  });
});

it.each([
  ['bert', true],
  ['roberta', false],
  ['modernbert', false],
])('a reranker made of %s tells both texts apart by types: %s', async (family, hasTypes) => {
  const opened = await openEncoder(fileOf(family));
  const reranker = path.join(scratch.folder, `reranker-${family}`);
  try {
    const { head, values } = await headOf(opened, 7);
    expect(head.hasTypes).toBe(hasTypes);
    await writeReranker(fileOf(family), reranker, { head, values, maxTokens: 30 });
    const own = await openReranker(reranker, 1);
    const { scores } = await own.of('a card', ['a new card', 'the weather'], {
      stop: new AbortController().signal,
    });
    expect([...scores].every((score) => score > 0 && score < 1)).toBe(true);
    await own.close();
  } finally {
    await opened.store.close();
  }
});

describe.each(['roberta', 'modernbert'])('a reranker of %s in a GGUF file', (family) => {
  const file = fileOf(`${family}-rank`);
  const known = JSON.parse(readFileSync(path.join(data, `${family}-rank.json`), 'utf8')) as readonly {
    readonly texts: readonly [string, string];
    readonly ids: readonly number[];
    readonly score: number;
  }[];
  const logit = (chance: number) => Math.log(chance / (1 - chance));
  const asked = async (place: string) => {
    const own = await openReranker(place, 1);
    try {
      const stop = new AbortController().signal;
      return (
        await own.of(
          known[0]!.texts[0],
          known.map(({ texts }) => texts[1]),
          { stop },
        )
      ).scores;
    } finally {
      await own.close();
    }
  };

  it('has the ids and scores of Transformers, as a file and as the folder written out of it', async () => {
    const vectors = await openTextVectors(file, 1);
    const { head, values } = await headOf(vectors.opened, null);
    const ids = known.map(({ texts }) => pairIds(vectors.tokenizer, head, texts, 100).ids);
    await vectors.close();
    expect(ids).toEqual(known.map((one) => one.ids));
    const to = path.join(scratch.folder, `rank-${family}`);
    await writeReranker(file, to, { head, values, maxTokens: 30 });
    for (const place of [file, to])
      for (const [i, score] of (await asked(place)).entries())
        expect(logit(score)).toBeCloseTo(known[i]!.score, 4);
    // two texts as Transformers joins them by this file
    const written = JSON.parse(readFileSync(path.join(to, 'tokenizer.json'), 'utf8'));
    const pair: readonly object[] = written.post_processor.pair;
    expect(pair.filter((item) => 'SpecialToken' in item)).toHaveLength(head.ends + 2);
  });

  it('orders documents for other programs', async () => {
    const stop = new AbortController();
    const heard = Promise.withResolvers<string>();
    const emit = (said: EndpointNews) => void ('listening' in said && heard.resolve(said.listening.address));
    const options = { file, name: 'order', key: 'a key', port: 0, origins: [], threads: 1, contextSize: 200 };
    const ended = serveModel(options, { emit, stop: stop.signal });
    const documents = known.map(({ texts }) => texts[1]);
    const response = await fetch(`${await heard.promise}/rerank`, {
      method: 'POST',
      headers: { authorization: 'Bearer a key', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'order', query: known[0]!.texts[0], documents }),
    });
    const { results } = (await response.json()) as {
      readonly results: readonly { readonly index: number }[];
    };
    const wanted = [...known.keys()].sort((a, b) => known[b]!.score - known[a]!.score);
    expect(results.map(({ index }) => index)).toEqual(wanted);
    stop.abort();
    await ended;
  });

  it('is told from encoders by its first bytes', async () => {
    expect(await rerankerIn(file)).toMatchObject({ name: `${family}-rank` });
    expect(await encoderIn(file)).toBe(null);
    expect(await hubEncoderIn(file)).toBe('scores');
    expect(await rerankerIn(fileOf(family))).toBe(null);
    const seen = await inspectModel(file);
    expect(seen).toMatchObject({ reads: true, format: 'gguf' });
    expect(seen.config).not.toHaveProperty('tensors not used');
  });
});

it('is found in the folder of models, and again by its content', async () => {
  const env = { FETTLE_MODELS: path.join(scratch.folder, 'models'), HF_HUB_CACHE: scratch.folder };
  const here = path.join(env.FETTLE_MODELS, 'some--one/0123');
  mkdirSync(here, { recursive: true });
  cpSync(fileOf('bert'), path.join(here, 'small.gguf'));
  const found = await encodersHere({ env, platform: 'linux', home: scratch.folder });
  expect(found.map(({ name }) => name)).toEqual(['small']);
  const known = { name: 'small', files: await encoderFiles(found[0]!.path) };
  expect(known.files).toHaveLength(1);
  expect(await folderOf(known, fileOf('bert').replace('bert', 'none'), async () => found)).toBe(
    found[0]!.path,
  );
});

describe('files that are damaged or hostile', () => {
  const bytes = readFileSync(fileOf('bert'));
  /** `bert.gguf` with a text of its head in another spelling, as long as before. */
  const changed = (from: string | Buffer, to: string | Buffer) => {
    const file = path.join(scratch.folder, `changed-${Math.random()}.gguf`);
    const at = bytes.indexOf(from);
    expect(at).toBeGreaterThan(0);
    const out = Buffer.from(bytes);
    Buffer.from(to).copy(out, at);
    writeFileSync(file, out);
    return file;
  };
  const number = (key: string, value: number) => {
    const entry = (n: number) => {
      const whole = Buffer.alloc(key.length + 8);
      whole.write(key);
      whole.writeUInt32LE(4, key.length);
      whole.writeUInt32LE(n, key.length + 4);
      return whole;
    };
    const at = bytes.indexOf(key) + key.length + 4;
    return changed(entry(bytes.readUInt32LE(at)), entry(value));
  };

  it.each([
    [
      'a missing tensor',
      () => changed('blk.0.attn_q.weight', 'blk.0.attn_x.weight'),
      /lacks the weights .*query\.weight/,
    ],
    [
      'another width',
      () => number('bert.feed_forward_length', 96),
      /another size than its configuration says/,
    ],
    [
      'a width that heads do not divide',
      () => number('bert.attention.head_count', 7),
      /not a multiple of 7 heads/,
    ],
    ['billions of layers', () => number('bert.block_count', 4e9), /num_hidden_layers/],
    ['an unknown tokenizer', () => changed('bert\x10\0\0\0\0\0\0\0', 'none'), /./],
    ['pooling that nobody knows', () => number('bert.pooling_type', 9), /pooling_type 9/],
    ['a head of scores', () => changed('token_types.weight', 'cls.output.weights'), /cls\.output\.weights/],
  ])('%s is refused by a sentence', async (name, make, message) => {
    const file =
      name === 'an unknown tokenizer'
        ? changed(
            Buffer.from('tokenizer.ggml.model\x08\0\0\0\x04\0\0\0\0\0\0\0bert', 'latin1'),
            Buffer.from('tokenizer.ggml.model\x08\0\0\0\x04\0\0\0\0\0\0\0none', 'latin1'),
          )
        : make();
    await expect(openEncoder(file)).rejects.toThrow(message);
  });

  it('a reranker without a head is none', async () => {
    const file = number('bert.pooling_type', 4);
    expect(await rerankerIn(file)).not.toBe(null);
    await expect(openReranker(file, 1)).rejects.toThrow(/is not a reranker/);
  });

  it('what is cut or no GGUF file names no architecture', async () => {
    const cut = path.join(scratch.folder, 'cut.gguf');
    for (const length of [0, 3, 30, 60, 66, 68]) {
      writeFileSync(cut, bytes.subarray(0, length));
      expect(await ggufArchitectureOf(cut)).toBe(length < 68 ? null : 'bert');
      if (length > 0) await expect(openGguf(cut)).rejects.toMatchObject({ code: /./ });
    }
    expect(await ggufArchitectureOf(path.join(scratch.folder, 'nothing.gguf'))).toBe(null);
    expect(await encoderIn(cut.replace('cut', 'nothing'))).toBe(null);
  });
});
