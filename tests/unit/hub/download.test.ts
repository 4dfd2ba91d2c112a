import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTextVectors } from '../../../main/engine/eval/vectors/vectors.ts';
import { writeSafetensors } from '../../../main/engine/io/safetensors-write.ts';
import {
  downloadsWhen,
  ended,
  type HubPart,
  openPart,
  type PartOptions,
  tinyModel,
} from '../../helpers/hub.ts';
import {
  type Asked,
  commitOf,
  type HubServer,
  type ServedModel,
  startHubServer,
} from '../../helpers/hub-server.ts';
import { SENTENCE_MODULES, writeTinyEncoder } from '../../helpers/tiny-encoder.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const WEIGHTS = 'model.safetensors';
const model = tinyModel();
const size = model.files[WEIGHTS]!.length;
let server: HubServer;
let part: HubPart;

async function open(options: Partial<PartOptions> = {}): Promise<void> {
  part = await openPart({ hubUrl: server.url, ...options });
}

beforeEach(async () => {
  server = await startHubServer([model], 2);
});

afterEach(async () => {
  await part.close();
  await server.close();
  fs.rmSync(part.folder, { recursive: true });
});

const folderOf = (each: ServedModel) =>
  path.join(part.folder, 'models', each.repo.replace('/', '--'), commitOf(each));
const weightsAsked = () => server.asked.filter(({ host, file }) => host === 'cdn' && file === WEIGHTS);
/** The first `times` requests for weights at the content network. */
const firstWeights = (times: number) => {
  let left = times;
  return ({ host, file }: Asked) => host === 'cdn' && file === WEIGHTS && left-- > 0;
};

describe('a download', () => {
  it('brings the needed files to their place, with the state that was resolved', async () => {
    const files = {
      ...model.files,
      'pytorch_model.bin': Buffer.from('pickle'),
      'picture.png': Buffer.from('x'),
    };
    const fat = { ...model, files };
    server.models = [fat];
    await open();
    const started = await part.hub.download(fat.repo);
    expect(started.revision).toBe(commitOf(fat));
    const done = await ended(part.hub);
    expect(done).toMatchObject({ state: 'done', problem: null, bytes: done.totalBytes });
    expect(fs.readdirSync(folderOf(fat)).sort()).toEqual(Object.keys(model.files).sort());
    for (const [name, bytes] of Object.entries(model.files))
      expect(fs.readFileSync(path.join(folderOf(fat), name)).equals(bytes)).toBe(true);
    expect(part.store.models.find(done.modelId!)).toMatchObject({
      name: fat.repo,
      repo: fat.repo,
      revision: commitOf(fat),
      source: 'hub',
      family: 'llama',
      licence: 'apache-2.0',
      path: folderOf(fat),
      available: true,
    });
  });

  it('cuts large files into ranges, each asked for once', async () => {
    await open();
    await part.hub.download(model.repo);
    await ended(part.hub);
    const ranges = weightsAsked().map(({ range }) => range![0]);
    expect(ranges.sort((a, b) => a - b)).toEqual(
      Array.from({ length: Math.ceil(size / 32768) }, (_, index) => index * 32768),
    );
  });

  it('is there already when it is asked for again', async () => {
    await open();
    await part.hub.download(model.repo);
    const done = await ended(part.hub);
    part = await part.again();
    const before = weightsAsked().length;
    expect(await part.hub.download(model.repo, commitOf(model))).toMatchObject({
      state: 'done',
      modelId: done.modelId,
    });
    expect(weightsAsked()).toHaveLength(before);
  });

  it('takes files that are there and right, and only fetches the others', async () => {
    await open();
    await part.hub.download(model.repo);
    const { modelId } = await ended(part.hub);
    await part.hub.remove(modelId!, false);
    fs.rmSync(path.join(folderOf(model), 'tokenizer.json'));
    fs.writeFileSync(path.join(folderOf(model), 'README.md'), 'changed');
    const before = server.asked.length;
    await part.hub.download(model.repo);
    expect(await ended(part.hub)).toMatchObject({ state: 'done', modelId });
    const fetched = server.asked.slice(before).flatMap(({ file }) => file ?? []);
    expect(fetched.sort()).toEqual(['README.md', 'config.json', 'tokenizer.json']);
  });

  it('takes the address of a model page for its name', async () => {
    await open();
    expect((await part.hub.download(`https://huggingface.co/${model.repo}/tree/main`)).repo).toBe(model.repo);
  });
});

describe('a connection that fails', () => {
  it('goes on within the range where it was cut', async () => {
    const isFirst = firstWeights(1);
    server.fault = (asked) => (isFirst(asked) ? { cutAfter: 10_000 } : null);
    await open();
    await part.hub.download(model.repo);
    expect(await ended(part.hub)).toMatchObject({ state: 'done' });
    const starts = weightsAsked().map(({ range }) => range![0]);
    expect(starts.some((start) => start % 32768 !== 0)).toBe(true);
    expect(new Set(starts).size).toBe(starts.length);
  });

  it('waits for 503 as the server asks, and for one that sends nothing', async () => {
    const [isBusy, hangs] = [firstWeights(2), firstWeights(1)];
    server.fault = (asked) => {
      if (isBusy(asked)) return { status: 503, headers: { 'retry-after': '0' } };
      return hangs(asked) ? { hangAfter: 1000 } : null;
    };
    await open({
      more: { tuning: { rangeBytes: 2 ** 20, backOffMs: 1, stallMs: 1500, spareBytes: 0, reportMs: 1 } },
    });
    await part.hub.download(model.repo);
    expect(await ended(part.hub)).toMatchObject({ state: 'done' });
    expect(weightsAsked().length).toBeGreaterThanOrEqual(4);
  });

  it('fails after tries without a byte, and goes on when asked to', async () => {
    server.fault = ({ host }) => (host === 'cdn' ? { cutAfter: 0 } : null);
    await open();
    await part.hub.download(model.repo);
    const failed = await ended(part.hub);
    expect(failed).toMatchObject({ state: 'failed', problem: { code: 'hub-unreachable' } });
    server.fault = () => null;
    part.hub.resume(failed.id);
    const [done] = await downloadsWhen(part.hub, ([first]) => first?.state === 'done');
    expect(done!.problem).toBeNull();
  });

  it('takes the file in one piece where ranges are not served', async () => {
    server.fault = ({ host }) => (host === 'cdn' ? { ignoreRange: true } : null);
    await open();
    await part.hub.download(model.repo);
    expect(await ended(part.hub)).toMatchObject({ state: 'done' });
  });
});

describe('wrong bytes', () => {
  const flip = (bytes: Buffer) => {
    const copy = Buffer.from(bytes);
    copy[100_000]! ^= 1;
    return copy;
  };

  it('are fetched again once', async () => {
    const isFirstRound = firstWeights(Math.ceil(size / 32768));
    server.fault = (asked) => (isFirstRound(asked) ? { change: flip } : null);
    await open();
    await part.hub.download(model.repo);
    expect(await ended(part.hub)).toMatchObject({ state: 'done' });
    expect(fs.readFileSync(path.join(folderOf(model), WEIGHTS)).equals(model.files[WEIGHTS]!)).toBe(true);
  });

  it('are a problem the second time, and never get the name', async () => {
    server.fault = ({ host }) => (host === 'cdn' ? { change: flip } : null);
    await open();
    await part.hub.download(model.repo);
    expect(await ended(part.hub)).toMatchObject({ state: 'failed', problem: { code: 'download-damaged' } });
    expect(fs.existsSync(path.join(folderOf(model), WEIGHTS))).toBe(false);
    expect(part.store.models.list().filter(({ source }) => source === 'hub')).toEqual([]);
  });

  it('of a small file are noticed by the hash of git', async () => {
    const swap = (bytes: Buffer) => Buffer.from(bytes.toString('utf8').replace('a', 'b'));
    server.fault = ({ file }) => (file === 'tokenizer.json' ? { change: swap } : null);
    await open();
    await part.hub.download(model.repo);
    expect(await ended(part.hub)).toMatchObject({ state: 'failed', problem: { code: 'download-damaged' } });
  });
});

describe('pausing', () => {
  /** Lets three ranges through and then nothing. */
  const stopAfterThree = () => {
    const served = firstWeights(3);
    server.fault = (asked) => {
      if (asked.host !== 'cdn' || served(asked)) return null;
      return { hangAfter: 500 };
    };
  };
  const someHere = ([first]: readonly { bytes: number }[]) => (first?.bytes ?? 0) > 3 * 32768;

  it('keeps what is here over a new start of the app, and goes on from there', async () => {
    stopAfterThree();
    await open();
    const { id } = await part.hub.download(model.repo);
    await downloadsWhen(part.hub, someHere);
    part.hub.pause(id);
    part = await part.again();
    const [offered] = await downloadsWhen(part.hub, (all) => all.length > 0);
    expect(offered).toMatchObject({ id, state: 'paused', bytesPerSecond: null });
    expect(offered!.bytes).toBeGreaterThan(3 * 32768);
    await expect(part.hub.add(folderOf(model))).rejects.toMatchObject({ code: 'model-incomplete' });
    const before = weightsAsked().length;
    server.fault = () => null;
    part.hub.resume(id);
    expect(await ended(part.hub)).toMatchObject({ state: 'done' });
    const again = weightsAsked().slice(before);
    const fetched = again.reduce((sum, { range }) => sum + range![1] - range![0] + 1, 0);
    expect(fetched).toBeLessThanOrEqual(size - 3 * 32768);
  });

  it('notices a part file that was changed meanwhile', async () => {
    stopAfterThree();
    await open();
    const { id } = await part.hub.download(model.repo);
    await downloadsWhen(part.hub, someHere);
    await part.close();
    fs.truncateSync(path.join(folderOf(model), `${WEIGHTS}.part`), 40_000);
    server.fault = () => null;
    part = await openPart({ hubUrl: server.url, folder: part.folder });
    await downloadsWhen(part.hub, (all) => all.length > 0);
    part.hub.resume(id);
    expect(await ended(part.hub)).toMatchObject({ state: 'done' });
  });

  it('is undone at once', async () => {
    await open();
    const { id } = await part.hub.download(model.repo);
    part.hub.pause(id);
    part.hub.resume(id);
    expect(await ended(part.hub)).toMatchObject({ state: 'done' });
  });

  it('goes on in the new place when the data folder is moved meanwhile', async () => {
    stopAfterThree();
    await open();
    await part.hub.download(model.repo);
    await downloadsWhen(part.hub, someHere);
    const [from, to] = [folderOf(model), `${part.folder}-moved`];
    await part.store.move(to, () => {});
    server.fault = () => null;
    server.cutHanging();
    const done = await ended(part.hub);
    expect(done).toMatchObject({ state: 'done', problem: null });
    const { path: place } = part.store.models.find(done.modelId!)!;
    expect(place.startsWith(to)).toBe(true);
    expect(fs.readFileSync(path.join(place, WEIGHTS)).equals(model.files[WEIGHTS]!)).toBe(true);
    expect(fs.existsSync(from)).toBe(false);
    await part.close();
    for (const each of [to, part.folder]) fs.rmSync(each, { recursive: true });
    part = await openPart({ hubUrl: server.url, folder: fs.mkdtempSync(part.folder) });
  });

  it('cancelling leaves nothing', async () => {
    stopAfterThree();
    await open();
    const { id } = await part.hub.download(model.repo);
    await downloadsWhen(part.hub, someHere);
    await part.hub.cancel(id);
    expect(fs.existsSync(path.dirname(folderOf(model)))).toBe(false);
    expect(await downloadsWhen(part.hub, () => true)).toEqual([]);
  });

  it('lets the next one in the list begin', async () => {
    const other = tinyModel({ repo: 'someone/other' });
    server.models = [model, other];
    stopAfterThree();
    await open();
    const first = await part.hub.download(model.repo);
    await downloadsWhen(part.hub, someHere);
    const second = await part.hub.download(other.repo);
    expect(second.state).toBe('waiting');
    server.fault = () => null;
    part.hub.pause(first.id);
    const all = await downloadsWhen(part.hub, (list) => list[1]?.state === 'done');
    expect(all[0]!.state).toBe('paused');
  });
});

describe('the disk', () => {
  it('is asked before anything comes', async () => {
    await open({ more: { freeBytes: async () => 1000 } });
    await part.hub.download(model.repo);
    const failed = await ended(part.hub);
    expect(failed).toMatchObject({ state: 'failed', problem: { code: 'disk-full' } });
    expect(weightsAsked()).toEqual([]);
  });
});

describe('what is refused before it comes', () => {
  const refusals: readonly (readonly [string, Partial<ServedModel>, string])[] = [
    [
      'pickled weights',
      { files: { 'config.json': model.files['config.json']!, 'pytorch_model.bin': Buffer.from('x') } },
      'weights-pickled',
    ],
    ['no weights', { files: { 'README.md': Buffer.from('x') } }, 'model-weights-missing'],
    ['another architecture', { info: { config: { model_type: 'mamba' } } }, 'model-unsupported'],
    [
      'another architecture in config.json alone',
      { files: { ...model.files, 'config.json': Buffer.from('{"model_type":"t5"}') }, info: { config: {} } },
      'model-unsupported',
    ],
    [
      'a name that leads out of the folder',
      { listed: { 'README.md': '../../README.md' } },
      'hub-model-unsafe',
    ],
    ['an absolute name', { listed: { [WEIGHTS]: '/etc/model.safetensors' } }, 'hub-model-unsafe'],
    ['a name with a backslash', { listed: { [WEIGHTS]: '..\\model.safetensors' } }, 'hub-model-unsafe'],
  ];
  it.each(refusals)('%s', async (_, change, code) => {
    server.models = [tinyModel(change)];
    await open();
    await expect(part.hub.download(model.repo)).rejects.toMatchObject({ code });
    expect(fs.existsSync(path.join(part.folder, 'models'))).toBe(false);
    expect(weightsAsked()).toEqual([]);
  });

  it.each(['../x', 'a/../b', 'a/b/c', '', 'a b', 'https://elsewhere.org/a/b'])(
    'the name "%s"',
    async (name) => {
      await open();
      await expect(part.hub.download(name)).rejects.toMatchObject({ code: 'hub-model-name' });
      expect(server.asked).toEqual([]);
    },
  );
});

const LSTM = { idx: 3, name: '3', path: '3_LSTM', type: 'sentence_transformers.models.LSTM' };
const [FIRST, POOLED, UNIT] = SENTENCE_MODULES;
const DENSE = [FIRST, POOLED, { path: '2_Dense', type: 'sentence_transformers.models.Dense' }, UNIT];
const OUTSIDE = { idx: 1, name: '1', path: '../..', type: 'sentence_transformers.models.Pooling' };

const GGUF_ENCODER = fs.readFileSync(
  path.join(import.meta.dirname, '../../golden/data/encoder-gguf/bert.gguf'),
);

describe('an encoder', () => {
  const made = temporaryFolder();
  afterAll(made.remove);
  const POOLING = { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false };
  const served = async (more: Readonly<Record<string, Buffer>> = {}): Promise<ServedModel> => {
    const folder = await writeTinyEncoder(path.join(made.folder, 'encoder'), 'bert', {
      'modules.json': SENTENCE_MODULES,
      '1_Pooling/config.json': POOLING,
      'sentence_bert_config.json': { max_seq_length: 64 },
      'config_sentence_transformers.json': {
        prompts: { query: 'query: ' },
        default_prompt_name: 'query',
      },
    });
    const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const whole = names.filter((name) => fs.statSync(path.join(folder, name)).isFile());
    const files = Object.fromEntries(
      whole.map((name) => [name.replaceAll('\\', '/'), fs.readFileSync(path.join(folder, name))]),
    );
    return { repo: 'someone/reader', files: { ...files, ...more }, large: [WEIGHTS], licence: 'mit' };
  };

  it('comes with how it makes a vector of a text, is opened, and stands among those that read', async () => {
    const reader = await served({ 'onnx/model.onnx': Buffer.from('x') });
    server.models = [reader];
    await open();
    await part.hub.download(reader.repo);
    const { state, problem } = await ended(part.hub);
    expect([state, problem]).toEqual(['done', null]);
    expect(fs.existsSync(path.join(folderOf(reader), 'onnx'))).toBe(false);
    const { local } = await part.hub.encoders();
    expect(local).toMatchObject([{ repo: reader.repo, family: 'bert', reads: true, licence: 'mit' }]);
    expect(part.store.models.list().some(({ reads }) => reads)).toBe(false);
    const vectors = await openTextVectors(local[0]!.path, 1);
    try {
      expect([vectors.maxTokens, vectors.prompts]).toEqual([64, { query: 'query: ' }]);
      const [cls] = await vectors.of(['Where is my parcel?']);
      expect(cls).toHaveLength(24);
    } finally {
      await vectors.close();
    }
    const freed = await part.hub.remove(local[0]!.id, true);
    expect(freed).toBeGreaterThan(reader.files[WEIGHTS]!.length);
    expect(fs.existsSync(folderOf(reader))).toBe(false);
  });

  it('comes with the layers behind its pooling', async () => {
    const weights = path.join(made.folder, 'dense.safetensors');
    const data = Float32Array.from({ length: 24 * 10 }, (_, i) => Math.sin(i));
    await writeSafetensors(weights, [{ name: 'linear.weight', shape: [10, 24], data, dtype: 'f32' }], {});
    const settings = { in_features: 24, out_features: 10, bias: false };
    const reader = await served({
      'modules.json': Buffer.from(JSON.stringify(DENSE)),
      '2_Dense/config.json': Buffer.from(JSON.stringify(settings)),
      '2_Dense/model.safetensors': fs.readFileSync(weights),
    });
    server.models = [reader];
    await open();
    await part.hub.download(reader.repo);
    const { state, problem } = await ended(part.hub);
    expect([state, problem]).toEqual(['done', null]);
    const { local } = await part.hub.encoders();
    const vectors = await openTextVectors(local[0]!.path, 1);
    expect((await vectors.of(['Where is my parcel?']))[0]).toHaveLength(10);
    await vectors.close();
    await part.hub.remove(local[0]!.id, true);
    expect(fs.existsSync(folderOf(reader))).toBe(false);
  });

  it('comes as a GGUF file, too', async () => {
    const config = Buffer.from('{"model_type": "bert"}');
    const files = { 'config.json': config, 'small-f32.gguf': GGUF_ENCODER };
    const reader = { repo: 'someone/reader-GGUF', files, large: ['small-f32.gguf'], licence: 'mit' };
    server.models = [reader];
    await open();
    await part.hub.download(reader.repo);
    const { state, problem } = await ended(part.hub);
    expect([state, problem]).toEqual(['done', null]);
    const { local } = await part.hub.encoders();
    expect(local).toMatchObject([{ repo: reader.repo, family: 'bert', format: 'gguf', reads: true }]);
    await part.hub.remove(local[0]!.id, true);
    expect(fs.existsSync(folderOf(reader))).toBe(false);
    // a decoder that makes vectors is read from a folder alone
    const decoder = {
      'config.json': Buffer.from('{"model_type": "qwen3"}'),
      'modules.json': Buffer.from('[]'),
    };
    server.models = [{ ...reader, files: { ...files, ...decoder } }];
    await expect(part.hub.download(reader.repo)).rejects.toMatchObject({ code: 'model-unsupported' });
  });

  it('goes on after a stop in the middle of its small files', async () => {
    const reader = await served();
    server.models = [reader];
    let broken = 5;
    server.fault = ({ file }) => (file === '1_Pooling/config.json' && broken-- > 0 ? { status: 503 } : null);
    await open();
    const { id } = await part.hub.download(reader.repo);
    expect((await ended(part.hub)).state).toBe('failed');
    await part.close();
    broken = 0;
    await open({ folder: part.folder });
    await downloadsWhen(part.hub, ([first]) => first?.state === 'failed');
    part.hub.resume(id);
    await downloadsWhen(part.hub, ([first]) => first?.state === 'done');
    expect((await part.hub.encoders()).local).toHaveLength(1);
  });

  it.each([
    ['a module that is not computed', { 'modules.json': [...SENTENCE_MODULES, LSTM] }, /LSTM/],
    ['a layer behind pooling without weights', { 'modules.json': DENSE }, /2_Dense/],
    ['a list of modules that is none', { 'modules.json': { a: 1 } }, /damaged/],
    ['a module outside its folder', { 'modules.json': [SENTENCE_MODULES[0], OUTSIDE] }, /damaged/],
  ])('is refused before its weights come, with %s', async (_, files, words) => {
    const changed = Object.entries(files).map(([name, json]) => [name, Buffer.from(JSON.stringify(json))]);
    const reader = await served(Object.fromEntries(changed));
    server.models = [reader];
    await open();
    await expect(part.hub.download(reader.repo)).rejects.toThrow(words);
    expect(weightsAsked()).toEqual([]);
  });
});
