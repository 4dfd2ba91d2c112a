/** The tokenizers of encoders (WordPiece and Unigram) against the Rust library: tests/golden/make/make_encoder_tokenizers.py. */
import { describe, expect, test } from 'vitest';
import { parseDefinition } from '../../../../../../main/engine/data/tokens/tokenizer/definition.ts';
import { loadTokenizer } from '../../../../../../main/engine/data/tokens/tokenizer/load.ts';
import { createNormalizer } from '../../../../../../main/engine/data/tokens/tokenizer/normalize.ts';
import { createTokenizer } from '../../../../../../main/engine/data/tokens/tokenizer/tokenizer.ts';
import { tokenizerJson } from '../../../../../../main/engine/export/write-model.ts';
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

describe('files that are damaged or hostile', () => {
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
