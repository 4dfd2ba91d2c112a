import { describe, expect, test } from 'vitest';
import {
  addedTokenSplitter,
  affixesOf,
} from '../../../../../../main/engine/data/tokens/tokenizer/added-tokens.ts';
import { createDecoder } from '../../../../../../main/engine/data/tokens/tokenizer/decode.ts';
import {
  type AddedToken,
  parseDefinition,
} from '../../../../../../main/engine/data/tokens/tokenizer/definition.ts';
import { createNormalizer } from '../../../../../../main/engine/data/tokens/tokenizer/normalize.ts';
import { createPreTokenizer } from '../../../../../../main/engine/data/tokens/tokenizer/pre-tokenize.ts';
import { createTokenizer } from '../../../../../../main/engine/data/tokens/tokenizer/tokenizer.ts';
import { byteTokenizerJson } from '../../../../../helpers/tokenizer-families.ts';

const NO_ROLES = { special: { bos: null, eos: null, pad: null, unk: null }, stopIds: [], chat: null };

function added(id: number, content: string, flags: Partial<AddedToken> = {}): AddedToken {
  return {
    id,
    content,
    singleWord: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
    ...flags,
  };
}

/** Sections as text, added tokens in brackets with their offset. */
function sections(text: string, tokens: AddedToken[]): string[] {
  return addedTokenSplitter(tokens)(text).map((s) => (s.id === null ? s.text : `[${s.id}@${s.start}]`));
}

describe('added tokens', () => {
  test('leftmost, then longest, and what only starts like one is text', () => {
    const tokens = [added(1, '<a>'), added(2, '<a><b>'), added(3, '<b>')];
    expect(sections('x<a><b><a><', tokens)).toEqual(['x', '[2@1]', '[1@7]', '<']);
    expect(sections('<a<a>', tokens)).toEqual(['<a', '[1@2]']);
    expect(sections('', tokens)).toEqual([]);
  });

  test('lstrip and rstrip take white space as Unicode has it', () => {
    const tokens = [added(1, '<l>', { lstrip: true }), added(2, '<r>', { rstrip: true })];
    expect(sections('a \u0085<l> b<r>\u2003 \n c\ufeff<l>', tokens)).toEqual([
      'a',
      '[1@1]',
      ' b',
      '[2@8]',
      'c\ufeff',
      '[1@17]',
    ]);
    expect(sections('<r>  <l>', tokens)).toEqual(['[2@0]', '[1@5]']);
  });

  test('single_word does not match inside a word, also of another script', () => {
    const tokens = [added(1, 'cat', { singleWord: true })];
    expect(sections('cat concat cat, \u00e9cat cat\u0301', tokens)).toEqual([
      '[1@0]',
      ' concat ',
      '[1@11]',
      ', \u00e9cat cat\u0301',
    ]);
  });

  test('normalized tokens are found in the normalised text', () => {
    const json = {
      ...byteTokenizerJson([
        { content: 'STOP', normalized: true },
        { content: 'RAW', normalized: false },
      ]),
      normalizer: { type: 'Lowercase' },
    };
    const tokenizer = createTokenizer(parseDefinition(json, 'test'), NO_ROLES, 'test');
    expect(tokenizer.encode('sToPRAWraw')).toEqual([256, 257, ...[...'raw'].map((c) => c.charCodeAt(0))]);
  });
});

describe('pre-tokenizers', () => {
  const cut = (config: Record<string, unknown>, text: string, first = true) =>
    createPreTokenizer(config as { type: string }, 'test').cut(text, first);

  test.each([
    ['Isolated', false, ['the', '-', 'final', '-', '-', 'count']],
    ['Removed', false, ['the', 'final', 'count']],
    ['MergedWithPrevious', false, ['the-', 'final-', '-', 'count']],
    ['MergedWithNext', false, ['the', '-final', '-', '-count']],
    ['Contiguous', false, ['the', '-', 'final', '--', 'count']],
    ['Removed', true, ['-', '-', '-']],
  ])('Split %s, invert %s', (behavior, invert, pieces) => {
    expect(cut({ type: 'Split', pattern: { String: '-' }, behavior, invert }, 'the-final--count')).toEqual(
      pieces,
    );
  });

  test('digits are all of Unicode\u2019s numbers', () => {
    expect(cut({ type: 'Digits', individual_digits: true }, 'a12\u00b2\u0663b')).toEqual([
      'a',
      '1',
      '2',
      '\u00b2',
      '\u0663',
      'b',
    ]);
    expect(cut({ type: 'Digits' }, 'a12\u00b2\u0663b')).toEqual(['a', '12\u00b2\u0663', 'b']);
  });

  test('the long s is an s where case is folded, and nowhere else', () => {
    const cut = (Regex: string, text: string) =>
      createPreTokenizer({ type: 'Split', pattern: { Regex }, behavior: 'Isolated' }, 'x').cut(text, true);
    expect(cut("'(?i:[sdmt]|ll)|.", "t'\u017fD'T")).toEqual(['t', "'\u017f", 'D', "'T"]);
    expect(cut("(?i:'s|'t)|.", "'\u017f")).toEqual(["'\u017f"]);
    expect(cut("'[sS]|.", "'\u017f")).toEqual(["'", '\u017f']);
  });

  test('words, white space and punctuation by Unicode', () => {
    expect(cut({ type: 'Whitespace' }, '\u00c9t\u00e9 a_1\u0085\u0434\u0430!? \ufeff')).toEqual([
      '\u00c9t\u00e9',
      'a_1',
      '\u0434\u0430',
      '!?',
      '\ufeff',
    ]);
    expect(cut({ type: 'WhitespaceSplit' }, 'a\u0085b\ufeffc d')).toEqual(['a', 'b\ufeffc', 'd']);
    expect(cut({ type: 'Punctuation' }, 'a!?\u201cb$')).toEqual(['a', '!', '?', '\u201c', 'b', '$']);
  });

  test('Metaspace: prepend schemes, old spelling, split', () => {
    expect(cut({ type: 'Metaspace' }, 'a  b', false)).toEqual(['\u2581a', '\u2581', '\u2581b']);
    expect(cut({ type: 'Metaspace', split: false }, ' a b')).toEqual(['\u2581a\u2581b']);
    expect(cut({ type: 'Metaspace', prepend_scheme: 'first' }, 'a', true)).toEqual(['\u2581a']);
    expect(cut({ type: 'Metaspace', prepend_scheme: 'first' }, 'a', false)).toEqual(['a']);
    expect(cut({ type: 'Metaspace', add_prefix_space: false }, 'a')).toEqual(['a']);
  });

  test('ByteLevel puts its space before each piece and cuts inside them', () => {
    const config = {
      type: 'Sequence',
      pretokenizers: [{ type: 'Digits' }, { type: 'ByteLevel', add_prefix_space: true }],
    };
    expect(createPreTokenizer(config, 'test').byteLevel).toBe(true);
    expect(cut(config, 'it\u2019s 5 ')).toEqual([' it', '\u2019', 's', ' ', ' 5', ' ']);
  });
});

describe('normalizers and post-processors', () => {
  test('a sequence runs in order', () => {
    const normalizers = [
      { type: 'NFC' },
      { type: 'Prepend', prepend: '_' },
      { type: 'Replace', pattern: { String: 'e' }, content: 'E' },
    ];
    expect(createNormalizer({ type: 'Sequence', normalizers }, 'test')?.('e\u0301e')).toBe('_\u00e9E');
    expect(createNormalizer({ type: 'Sequence', normalizers: [] }, 'test')).toBeNull();
  });

  test('templates nest, Bert and Roberta name their ids', () => {
    const item = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
    const template = {
      type: 'TemplateProcessing',
      single: [item('<s>'), { Sequence: { id: 'A' } }, item('</s>')],
      special_tokens: { '<s>': { ids: [1, 9] }, '</s>': { ids: [2] } },
    };
    const bert = { type: 'BertProcessing', cls: ['[CLS]', 7], sep: ['[SEP]', 8] };
    expect(affixesOf(template, 'test')).toEqual({ before: [1, 9], after: [2] });
    expect(
      affixesOf({ type: 'Sequence', processors: [{ type: 'ByteLevel' }, template, bert] }, 'test'),
    ).toEqual({
      before: [7, 1, 9],
      after: [2, 8],
    });
    expect(affixesOf(null, 'test')).toEqual({ before: [], after: [] });
  });
});

describe('decoders', () => {
  const decode = (config: Record<string, unknown> | null, tokens: string[]) =>
    createDecoder(config as { type: string } | null, 'test')(tokens);

  test('ByteLevel joins bytes over tokens, keeps BOM, marks broken UTF-8, takes foreign tokens as text', () => {
    expect(decode({ type: 'ByteLevel' }, ['\u00e2', '\u0124', '\u00ac'])).toBe('\u20ac');
    expect(decode({ type: 'ByteLevel' }, ['\u00ef\u00bb\u00bfa'])).toBe('\ufeffa');
    expect(decode({ type: 'ByteLevel' }, ['a\u00e2', 'b'])).toBe('a\ufffdb');
    expect(decode({ type: 'ByteLevel' }, ['a b', '\u4e2d'])).toBe('a b\u4e2d');
  });

  test('ByteFallback spells runs, or one mark a byte', () => {
    const chain = { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, { type: 'Fuse' }] };
    expect(decode(chain, ['x', '<0xE2>', '<0x82>', '<0xAC>', '<0x0A>', 'y'])).toBe('x\u20ac\ny');
    expect(decode(chain, ['<0xE2>', '<0x82>', 'y', '<0xEF>', '<0xBB>', '<0xBF>'])).toBe(
      '\ufffd\ufffdy\ufeff',
    );
  });

  test('Metaspace, Strip, Replace, and no decoder', () => {
    expect(decode({ type: 'Metaspace' }, ['\u2581a', '\u2581b\u2581'])).toBe('a b ');
    expect(decode({ type: 'Metaspace', prepend_scheme: 'never' }, ['\u2581a', '\u2581b'])).toBe(' a b');
    expect(decode({ type: 'Strip', content: ' ', start: 1, stop: 2 }, ['  a   '])).toBe(' a ');
    expect(decode({ type: 'Replace', pattern: { String: '_' }, content: '$&' }, ['a_b'])).toBe('a$&b');
    expect(decode(null, ['a', 'b'])).toBe('a b');
  });

  test('a decoder of the library', () => {
    expect(decode({ type: 'WordPiece', prefix: '##', cleanup: false }, ['un', '##do', 'it'])).toBe('undo it');
  });
});
