/** Texts as tokens of a tokenizer: where their ids lie, where they are found, and what is refused. */
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTokenizerParts } from '../../../../../../main/engine/data/tokens/tokenizer/load.ts';
import {
  assembleTokenizer,
  type TokenizerParts,
  withNewTokens,
} from '../../../../../../main/engine/data/tokens/tokenizer/parts.ts';

const FOLDER = path.join(import.meta.dirname, '..', '..', '..', '..', '..', '..', 'resources', 'tiny-model');
const TEXTS = ['<|ticket|>', '<|ticket|>>', '東京'];

let parts: TokenizerParts;
beforeAll(async () => {
  parts = await readTokenizerParts(FOLDER);
});

describe('new tokens', () => {
  it('follow the ids that there are, and know what their texts were split into', () => {
    const before = assembleTokenizer(parts);
    const found = withNewTokens(parts, TEXTS);
    expect(found.first).toBe(before.vocabSize);
    expect(found.pieces).toEqual(TEXTS.map((text) => before.encode(text)));
    expect(assembleTokenizer(found.parts).vocabSize).toBe(before.vocabSize + 3);
  });

  it('are found wherever they stand, the longest first, and everything else is as it was', () => {
    const before = assembleTokenizer(parts);
    const { parts: larger, first } = withNewTokens(parts, TEXTS);
    const after = assembleTokenizer(larger);
    expect(after.encode('a<|ticket|>b<|ticket|>>東京ly')).toEqual([
      ...before.encode('a'),
      first,
      ...before.encode('b'),
      first + 1,
      first + 2,
      ...before.encode('ly'),
    ]);
    const plain = '<|im_start|>user\nWhere is <|tick my parcel?<|im_end|>';
    expect(after.encode(plain)).toEqual(before.encode(plain));
    const messages = [{ role: 'user', content: 'Hello' }] as const;
    expect(after.chat!.render(messages)).toBe(before.chat!.render(messages));
    expect(after.stopIds).toEqual(before.stopIds);
  });

  it('are shown in answers', () => {
    const { parts: larger, first } = withNewTokens(parts, TEXTS);
    const after = assembleTokenizer(larger);
    expect(after.decode([first, first + 2], { skipSpecial: true })).toBe('<|ticket|>東京');
  });

  it.each([
    ['<|im_end|>', 2],
    ['x', null],
  ])('are not made of %s, which is one already', (text, id) => {
    const known = id ?? assembleTokenizer(parts).encode(text)[0];
    expect(() => withNewTokens(parts, ['<new>', text])).toThrow(
      `"${text}" is already a token of this model, with the id ${known}.`,
    );
  });

  it('are refused where the tokenizer could not show them', () => {
    expect(() => withNewTokens(parts, ['<a>', 'naïve'])).toThrow(
      'As one token, "naïve" would appear in answers as "na\ufffdve"',
    );
  });

  it('are refused where nothing is left of the text', () => {
    const deaf = {
      ...parts,
      definition: {
        ...parts.definition,
        normalizer: { type: 'Replace', pattern: { Regex: '#+' }, content: '' },
      },
    };
    expect(() => withNewTokens(deaf, ['##'])).toThrow('makes nothing of "##"');
  });

  it('are refused where ids have holes, which other programs would fill', () => {
    const { definition } = parts;
    const { model } = definition;
    if (model.kind !== 'bpe') throw new Error('no byte-pair encoding');
    const last = { ...definition.addedTokens[0]!, id: 300, content: '<far>' };
    const tokens = [...model.tokens.slice(0, 200)];
    const holes = {
      ...parts,
      definition: { ...definition, model: { ...model, tokens, merges: [] } },
    };
    expect(withNewTokens(holes, ['<new>']).first).toBe(200);
    const far = { ...holes, definition: { ...holes.definition, addedTokens: [last] } };
    expect(withNewTokens(far, ['<new>']).first).toBe(301);
    const hole = { ...far, definition: { ...far.definition, model: { ...holes.definition.model } } };
    hole.definition.model = { ...hole.definition.model, tokens: tokens.with(5, undefined as never) };
    hole.definition.addedTokens = [{ ...last, id: 150 }];
    expect(() => withNewTokens(hole, ['<new>'])).toThrow('leaves out ids');
  });
});
