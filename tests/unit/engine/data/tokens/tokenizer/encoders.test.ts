/** The tokenizers of encoders (WordPiece and Unigram) against the Rust library: tests/golden/make/make_encoder_tokenizers.py. */
import { describe, expect, test } from 'vitest';
import { parseDefinition } from '../../../../../../main/engine/data/tokens/tokenizer/definition.ts';
import { partsFromGguf } from '../../../../../../main/engine/data/tokens/tokenizer/gguf-read.ts';
import { wordPieceEntries } from '../../../../../../main/engine/data/tokens/tokenizer/gguf-word-pieces.ts';
import {
  loadTokenizer,
  readTokenizerParts,
  tokenizerFromGguf,
} from '../../../../../../main/engine/data/tokens/tokenizer/load.ts';
import { createNormalizer } from '../../../../../../main/engine/data/tokens/tokenizer/normalize.ts';
import { assembleTokenizer } from '../../../../../../main/engine/data/tokens/tokenizer/parts.ts';
import { createTokenizer } from '../../../../../../main/engine/data/tokens/tokenizer/tokenizer.ts';
import { tokenizerJson } from '../../../../../../main/engine/data/tokens/tokenizer/tokenizer-json.ts';
import {
  ENCODER_TOKENIZERS,
  familyFolder,
  familyJson,
  readGolden,
} from '../../../../../helpers/tokenizer-families.ts';

interface EncoderGolden {
  readonly texts: readonly { readonly text: string; readonly ids: number[]; readonly decoded: string }[];
}

const NO_ROLES = { special: { bos: null, eos: null, pad: null, unk: null }, stopIds: [], chat: null };

describe.each(ENCODER_TOKENIZERS)('%s', async (name) => {
  const { texts } = readGolden<EncoderGolden>(name);
  const tokenizer = await loadTokenizer(familyFolder(name));

  test('ids and decoded text of 320 nasty texts', () => {
    expect(texts.length).toBe(320);
    for (const { text, ids, decoded } of texts) {
      expect({ text, ids: tokenizer.encode(text, { addSpecial: true }) }).toEqual({ text, ids });
      expect({ text, decoded: tokenizer.decode(ids, { skipSpecial: true }) }).toEqual({ text, decoded });
    }
  });

  test('ids are cut in front of the last special token', () => {
    const whole = tokenizer.encode('one two three four', { addSpecial: true });
    const cut = tokenizer.encode('one two three four', { addSpecial: true, atMost: 4 });
    expect(cut).toEqual([...whole.slice(0, 3), whole.at(-1)]);
    expect(tokenizer.encode('one two three four', { atMost: 2 })).toEqual(whole.slice(1, 3));
  });

  test('written as tokenizer.json again, it is the same tokenizer', () => {
    const definition = parseDefinition(familyJson(name), 'test');
    const written = JSON.parse(JSON.stringify(tokenizerJson(definition)));
    const again = createTokenizer(parseDefinition(written, 'test'), NO_ROLES, 'test');
    for (const { text, ids } of texts) expect(again.encode(text, { addSpecial: true })).toEqual(ids);
  });
});

/** What llama.cpp's converter writes of a tokenizer.json; newer ones name the normaliser, too. */
async function ggufOf(name: (typeof ENCODER_TOKENIZERS)[number], isNewer: boolean) {
  const parts = await readTokenizerParts(familyFolder(name));
  const { model, addedTokens, normalizer } = parts.definition;
  if (model.kind === 'wordpiece') {
    const entries = wordPieceEntries(parts, model.tokens.length)!;
    const kept = entries.filter(([key]) => isNewer || !key.includes('normalizer'));
    return new Map<string, unknown>(kept.map(([key, { value }]) => [key, value]));
  }
  if (model.kind !== 'unigram') throw new Error('not a tokenizer of an encoder');
  const added = new Map(addedTokens.map(({ id, content }) => [id, content]));
  const table = Buffer.from(String(normalizer!.precompiled_charsmap), 'base64');
  // a row that no token has, as converters leave where the embedding is larger
  return new Map<string, unknown>([
    ['tokenizer.ggml.model', 't5'],
    ['tokenizer.ggml.tokens', [...model.tokens, ...(isNewer ? [] : ['[PAD9999]'])]],
    ['tokenizer.ggml.scores', [...model.scores, ...(isNewer ? [] : [-10_000])]],
    [
      'tokenizer.ggml.token_type',
      [...model.tokens.map((_, id) => (added.has(id) ? 3 : 1)), ...(isNewer ? [] : [5])],
    ],
    ['tokenizer.ggml.precompiled_charsmap', [...table]],
    ...(['<s>', '</s>', '<unk>', '<mask>'] as const).map((token, i): [string, unknown] => [
      `tokenizer.ggml.${['bos', 'eos', 'unknown', 'mask'][i]}_token_id`,
      model.tokens.indexOf(token),
    ]),
  ]);
}

describe.each(ENCODER_TOKENIZERS)('%s from the metadata of a GGUF file', (name) => {
  test.each([true, false])('has the ids of 320 nasty texts; newer: %s', async (isNewer) => {
    const tokenizer = assembleTokenizer(partsFromGguf(await ggufOf(name, isNewer), 'test'));
    for (const { text, ids, decoded } of readGolden<EncoderGolden>(name).texts) {
      expect({ text, ids: tokenizer.encode(text, { addSpecial: true }) }).toEqual({ text, ids });
      expect({ text, decoded: tokenizer.decode(ids, { skipSpecial: true }) }).toEqual({ text, decoded });
    }
  });

  test('with its tokenizer.json beside it is that one; with another one it is refused', async () => {
    const metadata = await ggufOf(name, true);
    const tokenizer = await tokenizerFromGguf(metadata, familyFolder(name));
    expect(tokenizer.encode('Hello')).toEqual((await loadTokenizer(familyFolder(name))).encode('Hello'));
    const other = familyFolder(name === 'bert' ? 'bert_cased' : 'bert');
    await expect(tokenizerFromGguf(metadata, other)).rejects.toMatchObject({ code: 'tokenizer.mismatch' });
  });
});

describe('files that are damaged or hostile', () => {
  test('a GGUF file whose vocabulary lacks what is unknown, or has too long tokens', async () => {
    const metadata = await ggufOf('bert', true);
    const tokens = metadata.get('tokenizer.ggml.tokens') as string[];
    const read = (at: number, token: string) => () =>
      partsFromGguf(
        new Map(metadata)
          .set('tokenizer.ggml.tokens', tokens.with(at, token))
          .set('tokenizer.ggml.unknown_token_id', 9e9),
        'test',
      );
    expect(read(1, '[NONE]')).toThrow(/lacks "\[UNK\]"/);
    expect(read(9, 'x'.repeat(301))).toThrow(/longer than those of any model/);
  });

  const parsed = (
    change: (model: Record<string, unknown>) => void,
    name: (typeof ENCODER_TOKENIZERS)[number],
  ) => {
    const json = familyJson(name);
    change(json.model);
    return () => parseDefinition(json, 'test');
  };
  const long = 'x'.repeat(301);

  test.each([
    ['bert', (m) => (m.unk_token = '[NONE]'), /lacks "\[NONE\]"/],
    ['bert', (m) => (m.max_input_chars_per_word = 1e9), /at most 1000/],
    ['bert', (m) => (m.vocab = { '[UNK]': 0, [long]: 1 }), /longer than those of any model/],
    ['xlm_roberta', (m) => (m.vocab = []), /a list of tokens with scores/],
    ['xlm_roberta', (m) => (m.vocab = [['a', 'b']]), /token 0 should be a text with a score/],
    ['xlm_roberta', (m) => (m.vocab = [[long, 0]]), /longer than those of any model/],
    ['xlm_roberta', (m) => (m.unk_id = 99_999), /"unk_id" should be the id of a token/],
    ['xlm_roberta', (m) => (m.type = 'WordLevel'), /of type "WordLevel"/],
  ] as [(typeof ENCODER_TOKENIZERS)[number], (m: Record<string, unknown>) => void, RegExp][])(
    '%s %s is refused',
    (name, change, message) => expect(parsed(change, name)).toThrow(message),
  );

  test('a table of characters whose size is not that of its trie is refused', () => {
    const table = (bytes: Buffer) => () =>
      createNormalizer({ type: 'Precompiled', precompiled_charsmap: bytes.toString('base64') }, 'test');
    expect(table(Buffer.from([9]))).toThrow(/precompiled_charsmap/);
    expect(table(Buffer.from([0xff, 0xff, 0xff, 0x7f, 0]))).toThrow(/precompiled_charsmap/);
  });

  test('a trie that leads out of itself replaces nothing', () => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32LE(4, 0);
    bytes.writeUInt32LE(0xffffffff, 4);
    const table = { type: 'Precompiled', precompiled_charsmap: bytes.toString('base64') };
    expect(createNormalizer(table, 'test')?.('a \u00e4')).toBe('a \u00e4');
  });
});
