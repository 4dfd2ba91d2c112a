/** A tokenizer that goes into a GGUF file and comes back tokenises as before, in Fettle and in llama.cpp. */
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openLlama } from '../../../../../../main/engine/chat/llama.ts';
import { parseDefinition } from '../../../../../../main/engine/data/tokens/tokenizer/definition.ts';
import { partsFromGguf } from '../../../../../../main/engine/data/tokens/tokenizer/gguf-read.ts';
import {
  AWKWARD_TEXTS,
  copyGgufTokenizer,
  ggufTokenizer,
} from '../../../../../../main/engine/data/tokens/tokenizer/gguf-write.ts';
import { readTokenizerParts } from '../../../../../../main/engine/data/tokens/tokenizer/load.ts';
import { assembleTokenizer } from '../../../../../../main/engine/data/tokens/tokenizer/parts.ts';
import { openGguf } from '../../../../../../main/engine/io/gguf.ts';
import { writeGguf } from '../../../../../../main/engine/io/gguf-write.ts';
import { temporaryFolder } from '../../../../../helpers/tiny-model.ts';
import {
  byteTokenizerJson,
  FAMILIES,
  type Family,
  familyFolder,
  readGolden,
  STYLES,
  type Style,
} from '../../../../../helpers/tokenizer-families.ts';
import { failure } from '../../../io/fixtures.ts';

const { folder, remove } = temporaryFolder();
afterAll(() => remove());

/** The names by which llama.cpp knows the families' pre-tokenizers. */
const NAMES: Readonly<Record<Family | Style, readonly [model: string, pre: string]>> = {
  gpt2: ['gpt2', 'gpt-2'],
  llama3: ['gpt2', 'llama-bpe'],
  qwen2_5: ['gpt2', 'qwen2'],
  qwen3: ['gpt2', 'qwen2'],
  mistral_nemo: ['gpt2', 'tekken'],
  mistral_v1: ['llama', 'default'],
  gemma: ['llama', 'default'],
  o200k: ['gpt2', 'gpt-4o'],
  qwen3_5: ['gpt2', 'qwen35'],
  lfm2: ['gpt2', 'llama-bpe'],
};

/**
 * Texts that llama.cpp tokenises otherwise: it does not compose characters (NFC) as Qwen's tokenizers do, and its rule for
 * Mistral Nemo and GPT-4o parts letters from combining marks (Hindi, Thai), which the reference values do not.
 */
const OTHERWISE: Readonly<Partial<Record<Family | Style, readonly string[]>>> = {
  qwen2_5: ['e\u0301 a\u0308o\u0302 q\u0307\u0323'],
  qwen3: ['e\u0301 a\u0308o\u0302 q\u0307\u0323'],
  mistral_nemo: ['العربية हिन्दी में ไทย'],
  o200k: ['العربية हिन्दी में ไทย', 'e\u0301 a\u0308o\u0302 q\u0307\u0323'],
  qwen3_5: ['e\u0301 a\u0308o\u0302 q\u0307\u0323'],
};

// Qwen3's vocabulary is Qwen2.5's with a few more tokens: loading it again shows nothing and takes seconds
describe.each([...FAMILIES.filter((family) => family !== 'qwen3'), ...STYLES])(
  'the tokenizer of %s',
  (family) => {
    it('tokenises all golden texts after the detour, and in llama.cpp all awkward ones', async () => {
      const parts = await readTokenizerParts(familyFolder(family));
      const before = assembleTokenizer(parts);
      const rows = before.vocabSize + 7;
      const architecture = ['general.architecture', { type: 'string', value: 'llama' }] as const;
      const file = path.join(folder, `${family}.gguf`);
      await writeGguf(file, new Map([architecture, ...sizes(rows), ...ggufTokenizer(parts, rows)]), []);

      const gguf = await openGguf(file);
      const { metadata } = gguf;
      await gguf.close();
      expect([metadata.get('tokenizer.ggml.model'), metadata.get('tokenizer.ggml.pre')]).toEqual(
        NAMES[family],
      );
      expect(metadata.get('tokenizer.ggml.tokens')).toHaveLength(rows);
      expect((metadata.get('tokenizer.ggml.token_type') as number[]).slice(-7)).toEqual(Array(7).fill(5));
      const after = assembleTokenizer(partsFromGguf(metadata, file));
      for (const { text, ids, ids_special } of readGolden(family).texts) {
        expect(after.encode(text), text).toEqual(ids);
        expect(after.encode(text, { addSpecial: true }), text).toEqual(ids_special);
      }
      expect(after.special).toEqual(expect.objectContaining(withoutNull(before.special)));
      expect(after.stopIds).toEqual(expect.arrayContaining([...before.stopIds]));
      expect(after.chat?.source).toBe(before.chat?.source);

      const llama = await openLlama({ file, threads: 1, contextSize: 0 });
      const differing = AWKWARD_TEXTS.filter(
        (text) => llama.tokenize(text).join() !== before.encode(text).join(),
      );
      await llama.close();
      expect(differing).toEqual(OTHERWISE[family] ?? []);
    });
  },
);

/** llama.cpp reads the sizes even where it loads the tokenizer alone. */
function sizes(rows: number) {
  const u32 = (value: number) => ({ type: 'u32', value }) as const;
  return [
    ['llama.vocab_size', u32(rows)],
    ['llama.context_length', u32(64)],
    ['llama.embedding_length', u32(32)],
    ['llama.block_count', u32(1)],
    ['llama.feed_forward_length', u32(32)],
    ['llama.attention.head_count', u32(1)],
    ['llama.attention.layer_norm_rms_epsilon', { type: 'f32', value: 1e-5 }],
    ['llama.rope.dimension_count', u32(32)],
  ] as const;
}

function withoutNull<T extends object>(record: T): Partial<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null)) as Partial<T>;
}

describe('metadata of a tokenizer', () => {
  const parts = (json: Record<string, unknown>) => ({
    definition: parseDefinition(json, 'tokenizer.json'),
    special: { eos: '<end>' },
    stopIds: [],
    template: null,
    where: 'tokenizer.json',
  });

  it('give end-of-answer tokens ids, and no role an id that is a word', () => {
    const entries = new Map(ggufTokenizer(parts(byteTokenizerJson([{ content: '<end>' }])), 260));
    const value = (key: string) => entries.get(`tokenizer.ggml.${key}`)?.value;
    expect(value('eos_token_id')).toBe(256);
    expect(value('bos_token_id')).toBe(256);
    expect(value('add_bos_token')).toBe(false);
    expect((value('tokens') as string[]).slice(255)).toEqual([
      expect.any(String),
      '<end>',
      '[PAD257]',
      '[PAD258]',
      '[PAD259]',
    ]);
    expect((value('token_type') as number[]).slice(255)).toEqual([1, 3, 5, 5, 5]);
  });

  it('are refused for a way of cutting words that has no name, and for more tokens than rows', async () => {
    const odd = byteTokenizerJson([{ content: '<end>' }]);
    odd.pre_tokenizer = {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: '[aeiou]' }, behavior: 'Isolated' },
        { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      ],
    };
    const refused = async (json: Record<string, unknown>, rows: number) => ggufTokenizer(parts(json), rows);
    expect((await failure(refused(odd, 300))).code).toBe('tokenizer.unsupported');
    expect((await failure(refused(byteTokenizerJson(), 200))).code).toBe('tokenizer.mismatch');
  });

  it('are copied from GGUF to GGUF with the types that they had', () => {
    const entries = copyGgufTokenizer(
      new Map<string, unknown>([
        ['general.name', 'x'],
        ['tokenizer.ggml.scores', [0, -1]],
        ['tokenizer.ggml.token_type', [1, 3]],
        ['tokenizer.ggml.tokens', ['a', 'b']],
        ['tokenizer.ggml.eos_token_id', 1],
        ['tokenizer.ggml.add_bos_token', false],
        ['tokenizer.chat_template', '{{ messages }}'],
      ]),
    );
    expect(entries.map(([key, { type }]) => [key, type])).toEqual([
      ['tokenizer.ggml.scores', 'f32s'],
      ['tokenizer.ggml.token_type', 'i32s'],
      ['tokenizer.ggml.tokens', 'strings'],
      ['tokenizer.ggml.eos_token_id', 'u32'],
      ['tokenizer.ggml.add_bos_token', 'bool'],
      ['tokenizer.chat_template', 'string'],
    ]);
  });
});

it('merges that no scores put in order go into the file themselves, as Gemma 4 has them', async () => {
  const scored = await readTokenizerParts(familyFolder('gemma'));
  const scoredModel = scored.definition.model;
  if (scoredModel.kind !== 'bpe') throw new Error('no byte-pair encoding');
  const { merges } = scoredModel;
  const cutOut = new Set(scored.definition.addedTokens.map(({ content }) => content));
  const made = merges.map((pair) => pair.join(''));
  const second = made.findIndex((token, i) => token === made[i - 1] && !cutOut.has(token));
  const apart = [...merges.toSpliced(second, 1), merges[second]!];
  const model = { ...scoredModel, merges: apart };
  const parts = { ...scored, definition: { ...scored.definition, model } };
  const before = assembleTokenizer(parts);
  const rows = before.vocabSize;
  const file = path.join(folder, 'gemma4.gguf');
  const architecture = ['general.architecture', { type: 'string', value: 'llama' }] as const;
  await writeGguf(file, new Map([architecture, ...sizes(rows), ...ggufTokenizer(parts, rows)]), []);
  const gguf = await openGguf(file);
  const { metadata } = gguf;
  await gguf.close();
  expect(metadata.get('tokenizer.ggml.model')).toBe('gemma4');
  expect(metadata.get('tokenizer.ggml.merges')).toHaveLength(merges.length);
  const after = assembleTokenizer(partsFromGguf(metadata, file));
  for (const { text } of readGolden('gemma').texts) {
    const ids = before.encode(text);
    expect(after.encode(text), text).toEqual(ids);
    expect(after.decode(ids)).toBe(before.decode(ids));
  }
  const llama = await openLlama({ file, threads: 1, contextSize: 0 });
  const differing = AWKWARD_TEXTS.filter(
    (text) => llama.tokenize(text).join() !== before.encode(text).join(),
  );
  await llama.close();
  expect(differing).toEqual([]);
});
