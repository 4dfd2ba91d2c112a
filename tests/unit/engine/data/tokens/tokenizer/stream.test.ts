import { describe, expect, test } from 'vitest';
import { createTextStream } from '../../../../../../main/engine/data/tokens/tokenizer/decode.ts';
import { loadTokenizer } from '../../../../../../main/engine/data/tokens/tokenizer/load.ts';
import { FAMILIES, familyFolder, readGolden } from '../../../../../helpers/tokenizer-families.ts';

describe.each(FAMILIES)('%s', async (family) => {
  const tokenizer = await loadTokenizer(familyFolder(family));

  test('the pieces join up to the decoded text, special tokens left out or kept', () => {
    for (const { ids, decoded, decoded_skip } of readGolden(family).texts) {
      for (const skipSpecial of [true, false]) {
        const stream = createTextStream(tokenizer, { skipSpecial });
        const pieces = ids.map((id) => stream.push(id));
        expect(pieces.join('') + stream.flush()).toBe(skipSpecial ? decoded_skip : decoded);
      }
    }
  });

  test('no piece ends in a broken character while more may come', () => {
    const text =
      'A \u{1f468}\u200d\u{1f469}\u200d\u{1f467} family \u{1f600}, \u4f60\u597d, \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35!';
    const stream = createTextStream(tokenizer);
    const pieces = tokenizer.encode(text).map((id) => stream.push(id));
    expect(pieces.filter((piece) => piece.includes('\ufffd'))).toEqual([]);
    expect(pieces.filter((piece) => piece !== '').length).toBeGreaterThan(10);
    expect(pieces.join('') + stream.flush()).toBe(text);
  });
});

test('bytes that never become a character are shown in the end', async () => {
  const tokenizer = await loadTokenizer(familyFolder('gpt2'));
  const half = tokenizer.encode('\u{1f600}').slice(0, 1);
  const stream = createTextStream(tokenizer);
  expect(half.map((id) => stream.push(id)).join('')).toBe('');
  expect(stream.flush()).toBe('\ufffd');
  expect(stream.flush()).toBe('');

  const endless = createTextStream(tokenizer);
  const shown = Array.from({ length: 40 }, () => endless.push(half[0]!)).join('');
  expect(shown.length).toBeGreaterThan(20);
});
