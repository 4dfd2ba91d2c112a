/** Multimodal checkpoints: the language part is found under its longer names, trained and handed on; the rest stays as it was. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAdapter } from '../../main/engine/io/peft.ts';
import { openSafetensors } from '../../main/engine/io/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../../main/engine/io/safetensors-write.ts';
import { openModel } from '../../main/engine/load/open-model.ts';
import { readParameter } from '../../main/engine/load/parameter-pieces.ts';
import { exportTiny } from '../helpers/export.ts';
import { fettle } from '../helpers/fettle.ts';
import {
  type TinyFamily,
  temporaryFolder,
  tinyRows,
  writeJson,
  writeRows,
  writeTinyModel,
} from '../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
const env = { FETTLE_HOME: at('home') };
const homeBefore = process.env.FETTLE_HOME;
beforeAll(() => {
  process.env.FETTLE_HOME = env.FETTLE_HOME;
});
afterAll(() => {
  if (homeBefore === undefined) delete process.env.FETTLE_HOME;
  else process.env.FETTLE_HOME = homeBefore;
  remove();
});

/** The names of Transformers 5 and of the files that Transformers 4 wrote. */
const SPELLINGS = {
  newer: (name: string) => name.replace(/^model\./, 'model.language_model.'),
  older: (name: string) => `language_model.${name}`,
};
const WRAPPERS = [
  ['gemma3', 'gemma3', 'older'],
  ['ministral3', 'mistral3', 'older'],
  ['ministral3', 'mistral3', 'newer'],
  ['gemma4', 'gemma4', 'newer'],
] as const satisfies readonly (readonly [TinyFamily, string, keyof typeof SPELLINGS])[];

const TOWER = 'vision_tower.embeddings.weight';
const TOWER_BYTES = Uint8Array.from({ length: 24 }, (_, i) => (37 * i) % 256);

/** The tiny model of `family` as the language part of a checkpoint of the type `type`. */
async function wrapped(family: TinyFamily, type: string, spelling: keyof typeof SPELLINGS) {
  const text = await writeTinyModel(at(`${family}-text`), family);
  const where = at(`${family}-${spelling}`);
  mkdirSync(where, { recursive: true });
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(path.join(text, name), path.join(where, name));
  writeJson(path.join(where, 'preprocessor_config.json'), { size: 28 });
  const { tie_word_embeddings, ...inner } = JSON.parse(readFileSync(path.join(text, 'config.json'), 'utf8'));
  writeJson(path.join(where, 'config.json'), {
    ...{ model_type: type, tie_word_embeddings, text_config: inner },
    vision_config: { model_type: 'siglip_vision_model', hidden_size: 4 },
  });
  const file = await openSafetensors(path.join(text, 'model.safetensors'));
  const tensors: TensorToWrite[] = [{ name: TOWER, dtype: 'bf16', shape: [3, 4], data: TOWER_BYTES }];
  for (const [name, { shape }] of file.tensors)
    tensors.push({ name: SPELLINGS[spelling](name), dtype: 'f32', shape, data: await file.readF32(name) });
  await file.close();
  await writeSafetensors(path.join(where, 'model.safetensors'), tensors, { format: 'pt' });
  return { text, where };
}

async function bytesOf(file: string, name: string): Promise<Buffer> {
  const { tensors, close } = await openSafetensors(file).then((opened) => ({
    tensors: opened.tensors,
    close: () => opened.close(),
  }));
  const { offset, bytes } = tensors.get(name)!;
  await close();
  return readFileSync(file).subarray(offset, offset + bytes);
}

describe.each(WRAPPERS)('%s in a checkpoint of the type %s, %s names', (family, type, spelling) => {
  it('has the language model’s weights, and knows the rest', async () => {
    const { text, where } = await wrapped(family, type, spelling);
    const [alone, inside] = [await openModel(text), await openModel(where)];
    expect(inside.model).toMatchObject({ family: alone.model.family, layers: alone.model.layers });
    expect(inside.unused).toEqual([]);
    for (const name of alone.outline.parameters.keys())
      expect(await readParameter(inside, name), name).toEqual(await readParameter(alone, name));
    await alone.store.close();
    await inside.store.close();
  });

  it('is trained, and exported with everything else as it was', async () => {
    const { where } = await wrapped(family, type, spelling);
    const run = at(`run-${family}-${spelling}`);
    const rows = writeRows(at('rows.jsonl'), tinyRows(12));
    const flags = ['--max-length', '64', '--threads', '1', '--max-steps', '2', '--rank', '2', '--no-assess'];
    const { code, err } = await fettle(['train', '--model', where, '--data', rows, '--out', run, ...flags], {
      env,
    });
    expect(code, err).toBe(0);

    // PEFT goes by the modules of the multimodal class; the vision part has layers of the same ends, and no adapters
    const config = JSON.parse(readFileSync(path.join(run, 'adapter', 'adapter_config.json'), 'utf8'));
    expect(
      config.target_modules.every(
        (name: string) =>
          name.startsWith('model.language_model.layers.') ||
          name === 'model.language_model.per_layer_model_projection',
      ),
    ).toBe(true);
    const stored = await openSafetensors(path.join(run, 'adapter', 'adapter_model.safetensors'));
    expect(
      [...stored.tensors.keys()].every((name) => name.startsWith('base_model.model.model.language_model.')),
    ).toBe(true);
    await stored.close();
    expect([...(await readAdapter(path.join(run, 'adapter'))).tensors.keys()]).toContain(
      'model.layers.0.self_attn.q_proj',
    );

    const out = at(`merged-${family}-${spelling}`);
    const { proof } = await exportTiny({ run, as: 'safetensors', type: 'f32', out });
    expect(proof).toMatchObject({ by: 'fettle', firstDifference: null });
    const [before, after] = [where, out].map((one) => path.join(one, 'model.safetensors')) as [
      string,
      string,
    ];
    expect(await bytesOf(after, TOWER)).toEqual(Buffer.from(TOWER_BYTES));
    const names = async (file: string) => {
      const opened = await openSafetensors(file);
      await opened.close();
      return [...opened.tensors.keys()].sort();
    };
    expect(await names(after)).toEqual(await names(before));
    const merged = JSON.parse(readFileSync(path.join(out, 'config.json'), 'utf8'));
    expect(merged).toMatchObject({ model_type: type, dtype: 'float32', vision_config: { hidden_size: 4 } });
    expect(readFileSync(path.join(out, 'preprocessor_config.json'), 'utf8')).toContain('28');
    const gguf = await exportTiny({ run, as: 'gguf', type: 'f32', out: at(`${family}-${spelling}.gguf`) });
    expect(gguf.proof).toMatchObject({ by: 'llama.cpp', firstDifference: null });
  });
});
