/** Finding a model's tensors on disk: names, shapes, old buffers, and heads that the configuration does not tell of. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../../main/engine/io/safetensors-write.ts';
import { openModel } from '../../../../main/engine/load/open-model.ts';
import { prepareWeights } from '../../../../main/engine/load/weights.ts';
import type { JsonObject } from '../../../../main/engine/models/config-reader.ts';
import { outline } from '../../../../main/engine/models/model.ts';
import { readModel } from '../../../../main/engine/models/registry.ts';
import { noise, TINY, TINY_GPT2, tinyWeights } from '../../../helpers/graphs.ts';
import { failure, temporaryFolder } from '../io/fixtures.ts';

type Tensors = Map<string, { shape: readonly number[]; data: Float32Array }>;

/** A model folder with the tiny weights of `config`, changed by `edit`. */
async function folderOf(config: JsonObject, edit: (tensors: Tensors) => void = () => {}): Promise<string> {
  const folder = temporaryFolder();
  const model = readModel(config);
  const { parameters } = outline(model);
  const tensors: Tensors = new Map(
    [...tinyWeights(model)].map(([name, data]) => [name, { shape: parameters.get(name)!.shape, data }]),
  );
  edit(tensors);
  await fs.writeFile(path.join(folder, 'config.json'), JSON.stringify(config));
  await writeSafetensors(
    path.join(folder, 'model.safetensors'),
    [...tensors].map(([name, { shape, data }]) => ({ name, dtype: 'f32' as const, shape, data })),
  );
  return folder;
}

async function open(folder: string) {
  const opened = await openModel(folder);
  await opened.store.close();
  return opened;
}

const EMBEDDING = 'model.embed_tokens.weight';
const TIED = { ...TINY, tie_word_embeddings: true };

describe('openModel', () => {
  it('finds every tensor', async () => {
    const { sources, unused } = await open(await folderOf(TINY));
    expect(sources.get('lm_head.weight')).toEqual({ stored: 'lm_head.weight', transform: { kind: 'none' } });
    expect(unused).toEqual([]);
  });

  it('names a missing tensor and where it was looked for', async () => {
    const name = 'model.layers.1.mlp.up_proj.weight';
    const folder = await folderOf(TINY, (tensors) => tensors.delete(name));
    const error = await failure(openModel(folder));
    expect(error.code).toBe('bad-model-weights');
    expect(error.message).toContain(`lacks the weights ${name}`);
    expect(error.message).toContain('layers.1.mlp.up_proj.weight)');
  });

  it('names a tensor of another shape with both shapes', async () => {
    const name = 'model.layers.0.mlp.up_proj.weight';
    const folder = await folderOf(TINY, (t) =>
      t.set(name, { shape: [23, 16], data: new Float32Array(23 * 16) }),
    );
    const error = await failure(openModel(folder));
    expect(error.message).toContain(`${name}: [23,16], not [24,16]`);
  });

  it('does not take a transposed matrix for the right one', async () => {
    const name = 'model.layers.0.mlp.up_proj.weight';
    const folder = await folderOf(TINY, (t) =>
      t.set(name, { shape: [16, 24], data: new Float32Array(16 * 24) }),
    );
    expect((await failure(openModel(folder))).message).toContain('[16,24]');
  });

  it('ignores GPT-2’s mask buffers and takes the Hub’s older names', async () => {
    const folder = await folderOf(TINY_GPT2, (tensors) => {
      for (const [name, tensor] of [...tensors]) {
        tensors.delete(name);
        tensors.set(name.replace('transformer.', ''), tensor);
      }
      tensors.set('h.0.attn.bias', { shape: [1, 1, 4, 4], data: new Float32Array(16) });
      tensors.set('h.1.attn.masked_bias', { shape: [1], data: new Float32Array(1) });
      tensors.set('extra.weight', { shape: [1], data: new Float32Array(1) });
    });
    const { unused, sources } = await open(folder);
    expect(unused).toEqual(['extra.weight']);
    expect(sources.get('transformer.wte.weight')!.stored).toBe('wte.weight');
  });

  it('ignores stored rotary frequencies', async () => {
    const name = 'model.layers.0.self_attn.rotary_emb.inv_freq';
    const folder = await folderOf(TINY, (t) => t.set(name, { shape: [2], data: new Float32Array(2) }));
    expect((await open(folder)).unused).toEqual([]);
  });

  it('refuses before it looks for weights', async () => {
    const folder = temporaryFolder();
    await fs.writeFile(path.join(folder, 'config.json'), JSON.stringify({ ...TINY, num_local_experts: 4 }));
    expect((await failure(openModel(folder))).message).toContain('mixture of experts');
  });

  it.each([
    ['[1]', 'not a JSON object'],
    ['{"model_type"', 'not a JSON object'],
    [' '.repeat(5 * 2 ** 20), 'bytes, far too many for a configuration'],
  ])('refuses a broken config.json', async (text, what) => {
    const folder = temporaryFolder();
    await fs.writeFile(path.join(folder, 'config.json'), text);
    expect((await failure(openModel(folder))).message).toContain(what);
  });

  it('says what to give where there is no model', async () => {
    expect((await failure(openModel('/no/such/model'))).hint).toContain('model folder (with config.json)');
    expect((await failure(openModel(temporaryFolder()))).message).toContain('no config.json');
  });
});

describe('tied heads', () => {
  const copy = (tensors: Tensors) => ({
    ...tensors.get(EMBEDDING)!,
    data: tensors.get(EMBEDDING)!.data.slice(),
  });

  it('stay tied where the file holds an equal copy', async () => {
    const { model, config, unused } = await open(
      await folderOf(TIED, (tensors) => tensors.set('lm_head.weight', copy(tensors))),
    );
    expect(model.tiedHead).toBe(true);
    expect(config.tie_word_embeddings).toBe(true);
    expect(unused).toEqual([]);
  });

  it('are untied where the file’s head differs, as Transformers does it', async () => {
    const folder = await folderOf(TIED, (tensors) => {
      const head = copy(tensors);
      head.data[head.data.length - 1]! += 0.5;
      tensors.set('lm_head.weight', head);
    });
    const { model, config, sources } = await open(folder);
    expect(model.tiedHead).toBe(false);
    expect(config.tie_word_embeddings).toBe(false);
    expect(sources.get('lm_head.weight')!.stored).toBe('lm_head.weight');
  });

  it('give the embedding where it is missing', async () => {
    const folder = await folderOf(TIED, (tensors) => {
      tensors.set('lm_head.weight', copy(tensors));
      tensors.delete(EMBEDDING);
    });
    const { sources, model } = await open(folder);
    expect(model.tiedHead).toBe(true);
    expect(sources.get(EMBEDDING)!.stored).toBe('lm_head.weight');
  });

  it('do the same for GPT-2, whose older configurations do not tell', async () => {
    const folder = await folderOf(TINY_GPT2, (tensors) =>
      tensors.set('lm_head.weight', { shape: [50, 12], data: noise(600, 77) }),
    );
    expect((await open(folder)).model.tiedHead).toBe(false);
  });

  it('are looked for where they are not tied', async () => {
    const folder = await folderOf(TINY, (tensors) => tensors.delete('lm_head.weight'));
    expect((await failure(openModel(folder))).message).toContain('lacks the weights lm_head.weight');
  });
});

describe('prepareWeights', () => {
  it('maps float32 where it lies and reads it back', async () => {
    const folder = await folderOf(TINY);
    const opened = await openModel(folder);
    const weights = await prepareWeights(opened, temporaryFolder());
    expect(weights.cacheFile).toBeNull();
    const location = weights.source('model.norm.weight');
    expect(location).toMatchObject({ kind: 'file', bytes: 64 });
    expect(location.kind === 'file' && location.file).toBe(path.join(folder, 'model.safetensors'));
    expect(await weights.read(EMBEDDING)).toEqual(tinyWeights(opened.model).get(EMBEDDING));
    await opened.store.close();
  });
});
