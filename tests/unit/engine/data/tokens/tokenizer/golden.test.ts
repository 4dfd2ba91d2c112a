import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadTokenizer } from '../../../../../../main/engine/data/tokens/tokenizer/load.ts';
import {
  FAMILIES,
  familyFolder,
  readGolden,
  STYLES,
  TOKENIZERS,
} from '../../../../../helpers/tokenizer-families.ts';

describe.each([...FAMILIES, ...STYLES])('%s', async (family) => {
  const golden = readGolden(family);
  const tokenizer = await loadTokenizer(familyFolder(family));

  test('the files are those that were cut from the tokenizer of the golden values', () => {
    const sums = readFileSync(`${TOKENIZERS}/SHA256SUMS`, 'utf8').split('\n');
    for (const name of Object.keys(golden.source.sha256)) {
      const bytes = readFileSync(`${familyFolder(family)}/${name}`);
      expect(sums).toContain(`${createHash('sha256').update(bytes).digest('hex')}  ${family}/${name}`);
    }
  });

  test('ids, decoded text and special tokens of all texts', () => {
    expect(golden.texts.length).toBe(golden.source.npm === undefined ? 81 : 76);
    for (const expected of golden.texts) {
      const got = {
        text: expected.text,
        ids: tokenizer.encode(expected.text),
        ids_special: tokenizer.encode(expected.text, { addSpecial: true }),
        decoded: tokenizer.decode(expected.ids),
        decoded_skip: tokenizer.decode(expected.ids, { skipSpecial: true }),
      };
      expect(got).toEqual(expected);
    }
  });

  test('the word cache changes nothing: all texts at once, twice', () => {
    const text = golden.texts.map((item) => item.text).join('\n<|x|>\n');
    const first = tokenizer.encode(text);
    expect(tokenizer.encode(text)).toEqual(first);
    expect(first.length).toBeGreaterThan(1000);
  });

  test('lone surrogates become U+FFFD', () => {
    for (const { text, ids } of golden.lone_surrogates) expect(tokenizer.encode(text)).toEqual(ids);
  });

  test('special tokens by role', () => {
    const { special } = tokenizer;
    for (const role of ['bos', 'eos', 'pad', 'unk'] as const) {
      const name = golden.special_tokens[`${role}_token`] ?? null;
      expect(special[role] === null ? null : tokenizer.decode([special[role]])).toBe(name);
    }
    expect(tokenizer.stopIds).toContain(special.eos);
  });

  test('chat renderings and their ids', () => {
    expect(tokenizer.chat === null).toBe(golden.chats.length === 0);
    for (const chat of golden.chats) {
      const template = tokenizer.chat!;
      const render = () =>
        template.render(golden.messages[chat.chat]!, {
          addGenerationPrompt: chat.add_generation_prompt,
          variables: chat.options,
        });
      if (chat.error !== undefined) {
        expect(render).toThrow(chat.error);
        continue;
      }
      expect(render()).toBe(chat.rendered);
      expect(tokenizer.encode(render())).toEqual(chat.ids);
    }
  });
});
