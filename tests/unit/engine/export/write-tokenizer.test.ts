/** A tokenizer that is written must be read back as the same: on all golden texts, with its template and special tokens. */
import { afterAll, describe, expect, it } from 'vitest';
import { partsFromGguf } from '../../../../main/engine/data/tokens/tokenizer/gguf-read.ts';
import { loadTokenizer, readTokenizerParts } from '../../../../main/engine/data/tokens/tokenizer/load.ts';
import { assembleTokenizer } from '../../../../main/engine/data/tokens/tokenizer/parts.ts';
import type { Tokenizer } from '../../../../main/engine/data/tokens/tokenizer-types.ts';
import { tokenizerJson, writeTokenizer } from '../../../../main/engine/export/write-tokenizer.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';
import { FAMILIES, familyFolder, readGolden } from '../../../helpers/tokenizer-families.ts';

const { folder, remove } = temporaryFolder();
afterAll(() => remove());

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
    await writeTokenizer(`${folder}/${family}`, parts);
    const texts = readGolden(family).texts.map(({ text }) => text);
    expectSame(await loadTokenizer(`${folder}/${family}`), assembleTokenizer(parts), texts);
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
    await writeTokenizer(`${folder}/gguf`, parts);
    const back = await loadTokenizer(`${folder}/gguf`);
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
