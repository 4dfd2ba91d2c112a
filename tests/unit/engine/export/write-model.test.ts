import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { partsFromGguf } from '../../../../main/engine/data/tokens/tokenizer/gguf-read.ts';
import { loadTokenizer, readTokenizerParts } from '../../../../main/engine/data/tokens/tokenizer/load.ts';
import { assembleTokenizer } from '../../../../main/engine/data/tokens/tokenizer/parts.ts';
import { tokenizerJson } from '../../../../main/engine/data/tokens/tokenizer/tokenizer-json.ts';
import type { Tokenizer } from '../../../../main/engine/data/tokens/tokenizer-types.ts';
import { writeModelFolder, writeTokenizer } from '../../../../main/engine/export/write-model.ts';
import { openModel } from '../../../../main/engine/load/open-model.ts';
import { prepareWeights } from '../../../../main/engine/load/weights.ts';
import { type TinyFamily, temporaryFolder, writeTinyModel } from '../../../helpers/tiny-model.ts';
import { FAMILIES, familyFolder, readGolden } from '../../../helpers/tokenizer-families.ts';

const { folder, remove } = temporaryFolder();
afterAll(() => remove());

/** Writes a model again with every value doubled, and opens both. */
async function doubled(family: TinyFamily) {
  const from = await writeTinyModel(path.join(folder, family), family);
  writeFileSync(path.join(from, 'notes.txt'), 'not part of the model');
  const source = await openModel(from);
  const weights = await prepareWeights(source, path.join(folder, 'cache'));
  const to = path.join(folder, `${family}-written`);
  await writeModelFolder(to, source, async (name) => (await weights.read(name)).map((value) => 2 * value));
  const written = await openModel(to);
  return { from, to, source, weights, written };
}

describe('a written model', () => {
  it.each(['llama', 'gpt2', 'smollm2', 'qwen3'] as const)(
    'of the family %s is the model with the values given',
    async (family) => {
      const { to, source, weights, written } = await doubled(family);
      expect([...written.outline.parameters.keys()]).toEqual([...source.outline.parameters.keys()]);
      expect(written.unused).toEqual([]);
      const again = await prepareWeights(written, path.join(folder, 'cache'));
      // float32 is mapped where it lies
      expect(again.cacheFile).toBeNull();
      for (const name of source.outline.parameters.keys()) {
        const [was, is] = [await weights.read(name), await again.read(name)];
        expect(is.every((value, i) => value === 2 * was[i]!) && is.length === was.length).toBe(true);
      }
      const config = JSON.parse(readFileSync(path.join(to, 'config.json'), 'utf8'));
      expect(config).toMatchObject({ ...source.config, dtype: 'float32' });
      for (const opened of [source, written]) await opened.store.close();
    },
  );

  it('has fractions where the one it is made from has them, also in lists: Transformers refuses 0 for 0.0', async () => {
    const source = await openModel(await writeTinyModel(path.join(folder, 'fractions'), 'granite4'));
    const given = path.join(source.path, 'config.json');
    const own = '"time_step": [0.0, 2, {"a": 1}], "limits": [1.5, 3.0], "cap": 30.0, "eos": [1, 2], ';
    writeFileSync(given, readFileSync(given, 'utf8').replace('{', `{${own}`));
    const opened = await openModel(source.path);
    const to = path.join(folder, 'fractions-written');
    await writeModelFolder(to, opened, (await prepareWeights(opened, path.join(folder, 'cache'))).read);
    const written = readFileSync(path.join(to, 'config.json'), 'utf8').replace(/\s+/g, ' ');
    for (const part of ['[ 0.0, 2.0, { "a": 1 } ]', '[ 1.5, 3.0 ]', '"cap": 30.0', '"eos": [ 1, 2 ]'])
      expect(written).toContain(part);
    for (const one of [source, opened]) await one.store.close();
  });

  it('comes with its tokenizer, and with nothing that is not part of it', async () => {
    const { from, to, source, written } = await doubled('mistral');
    expect(readdirSync(to).sort()).toEqual([
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const [was, is] = [await loadTokenizer(from), await loadTokenizer(to)];
    expect(is.encode('Hello <|im_end|>')).toEqual(was.encode('Hello <|im_end|>'));
    expect(is.chat?.source).toBe(was.chat?.source);
    for (const opened of [source, written]) await opened.store.close();
  });

  it('has no config.json before its weights are whole', async () => {
    const source = await openModel(await writeTinyModel(path.join(folder, 'broken'), 'llama'));
    const to = path.join(folder, 'half');
    const attempt = writeModelFolder(to, source, async () => {
      throw new Error('the disk is gone');
    });
    await expect(attempt).rejects.toThrow('the disk is gone');
    expect(readdirSync(to)).toEqual([]);
    await source.store.close();
  });

  it('that is large lies in several files, with an index', async () => {
    const source = await openModel(await writeTinyModel(path.join(folder, 'large'), 'llama'));
    const weights = await prepareWeights(source, path.join(folder, 'cache'));
    const to = path.join(folder, 'shards');
    await writeModelFolder(to, source, weights.read, { type: 'f16', shardBytes: 60_000 });
    const names = readdirSync(to).filter((name) => name.startsWith('model'));
    expect(names).toContain('model.safetensors.index.json');
    expect(names.length).toBeGreaterThan(3);
    const total = names.length - 1;
    expect(names[0]).toBe(`model-00001-of-${String(total).padStart(5, '0')}.safetensors`);
    const written = await openModel(to);
    expect(new Set([...written.store.tensors.values()].map(({ file }) => file)).size).toBe(total);
    for (const name of source.outline.parameters.keys()) {
      const [was, is] = [await weights.read(name), await written.store.readF32(name)];
      expect(Math.max(...is.map((value, i) => Math.abs(value - was[i]!)))).toBeLessThan(1e-3);
    }
    const index = JSON.parse(readFileSync(path.join(to, 'model.safetensors.index.json'), 'utf8'));
    expect(index.metadata.total_size).toBe(source.outline.parameterCount * 2);
    for (const opened of [source, written]) await opened.store.close();
  });
});

function expectSame(actual: Tokenizer, expected: Tokenizer, texts: readonly string[]): void {
  for (const text of texts) {
    const ids = expected.encode(text, { addSpecial: true });
    expect(actual.encode(text, { addSpecial: true })).toEqual(ids);
    expect(actual.decode(ids, { skipSpecial: true })).toBe(expected.decode(ids, { skipSpecial: true }));
  }
  expect(actual.special).toEqual(expected.special);
  expect(new Set(actual.stopIds)).toEqual(new Set(expected.stopIds));
  expect(actual.chat?.source).toBe(expected.chat?.source);
  expect(actual.vocabSize).toBe(expected.vocabSize);
}

describe('a written tokenizer', () => {
  it.each(FAMILIES)('of %s is the one that it was written from', async (family) => {
    const parts = await readTokenizerParts(familyFolder(family));
    await writeTokenizer(`${folder}/tokenizers/${family}`, parts);
    const texts = readGolden(family).texts.map(({ text }) => text);
    expectSame(await loadTokenizer(`${folder}/tokenizers/${family}`), assembleTokenizer(parts), texts);
  });

  const metadata = new Map<string, unknown>([
    ['tokenizer.ggml.tokens', ['<|end|>', '<|stop|>', 'a', 'b', 'ab', '\u0120']],
    ['tokenizer.ggml.token_type', [3, 3, 1, 1, 1, 1]],
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', 'llama-bpe'],
    ['tokenizer.ggml.merges', ['a b']],
    ['tokenizer.ggml.bos_token_id', 0],
    ['tokenizer.ggml.eos_token_id', 0],
    ['tokenizer.ggml.eot_token_id', 1],
    ['tokenizer.chat_template', '{{ messages[0].content }}'],
  ]);

  it('from a GGUF file keeps its ids that end an answer and its template', async () => {
    const parts = partsFromGguf(metadata, 'x.gguf');
    await writeTokenizer(`${folder}/tokenizers/gguf`, parts);
    const back = await loadTokenizer(`${folder}/tokenizers/gguf`);
    expectSame(back, assembleTokenizer(parts), ['ab ba', '<|stop|>a', '']);
    expect(new Set(back.stopIds)).toEqual(new Set([0, 1]));
    expect(back.encode('ab', { addSpecial: true })).toEqual([0, 4]);
  });

  it('has the fields that the tokenizers library insists on', () => {
    const json = tokenizerJson(partsFromGguf(metadata, 'x.gguf').definition) as Record<
      string,
      Record<string, unknown>
    >;
    expect(json.post_processor).toMatchObject({ type: 'TemplateProcessing', pair: expect.any(Array) });
    expect(json.decoder).toEqual({
      type: 'ByteLevel',
      add_prefix_space: false,
      trim_offsets: true,
      use_regex: true,
    });
    expect(json.pre_tokenizer!.pretokenizers).toEqual([
      expect.objectContaining({ type: 'Split', invert: false }),
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    ]);
    expect(json.model!.vocab).toMatchObject({ ab: 4 });
    expect(json.added_tokens).toHaveLength(2);
  });
});
