import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadTokenizer } from '../../../../../../main/engine/data/tokens/tokenizer/load.ts';
import {
  byteTokenizerJson,
  familyFolder,
  familyJson,
  readGolden,
} from '../../../../../helpers/tokenizer-families.ts';

let root = '';
let count = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fettle-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

/** A folder with the given files; objects are written as JSON. */
async function folder(files: Record<string, unknown>): Promise<string> {
  const path = join(root, String(count++));
  await mkdir(path);
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(path, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return path;
}

const END = [{ content: '<bos>' }, { content: '<eos>' }, { content: '<end>' }];

describe('what lies beside tokenizer.json', () => {
  test('special tokens, as text or with flags, and stop ids', async () => {
    const path = await folder({
      'tokenizer.json': byteTokenizerJson(END),
      'tokenizer_config.json': { eos_token: { content: '<eos>', special: true }, pad_token: '<absent>' },
      'special_tokens_map.json': { bos_token: '<bos>', eos_token: '<bos>' },
      'generation_config.json': { eos_token_id: [257, 65] },
      'chat_template.jinja':
        "{% for m in messages %}{{ m.role + ':' + m.content }}<end>{{ '\\n' }}{% endfor %}",
    });
    const tokenizer = await loadTokenizer(path);
    expect(tokenizer.special).toEqual({ bos: 256, eos: 257, pad: null, unk: null });
    expect(tokenizer.stopIds).toEqual([257, 65, 258]);
    expect(tokenizer.vocabSize).toBe(259);
    expect(tokenizer.idOf('<end>')).toBe(258);
    expect(tokenizer.idOf('<nothing>')).toBeUndefined();
  });

  test('the model configuration names special tokens where the tokenizer does not, and only then', async () => {
    const path = await folder({
      'tokenizer.json': byteTokenizerJson(END),
      'tokenizer_config.json': { bos_token: null },
      'config.json': { bos_token_id: 256, eos_token_id: 257 },
    });
    expect((await loadTokenizer(path)).special).toEqual({ bos: null, eos: 257, pad: null, unk: null });
  });

  test.each([
    ['a string', 'A', 'A'],
    [
      'named templates',
      [
        { name: 'tool_use', template: 'B' },
        { name: 'default', template: 'A' },
      ],
      'A',
    ],
    ['an object', { default: 'A' }, 'A'],
    ['nothing usable', 3, undefined],
  ])('chat_template as %s', async (_what, template, source) => {
    const path = await folder({
      'tokenizer.json': byteTokenizerJson(),
      'tokenizer_config.json': { chat_template: template },
    });
    expect((await loadTokenizer(path)).chat?.source).toBe(source);
  });

  test('tokens that only tokenizer_config.json lists are matched', async () => {
    const path = await folder({
      'tokenizer.json': byteTokenizerJson(END),
      'tokenizer_config.json': { added_tokens_decoder: { 300: { content: '<more>', special: false } } },
    });
    const tokenizer = await loadTokenizer(join(path, 'tokenizer.json'));
    expect(tokenizer.encode('a<more>')).toEqual([97, 300]);
    expect(tokenizer.decode([97, 300, 280], { skipSpecial: true })).toBe('a<more>');
  });
});

describe('vocab.json with merges.txt', () => {
  test('GPT-2 comes out the same', async () => {
    const { model } = familyJson('gpt2');
    const merges = [
      '#version: 0.2',
      ...model.merges.map((m: string | string[]) => (Array.isArray(m) ? m.join(' ') : m)),
      '',
    ];
    const path = await folder({ 'vocab.json': model.vocab, 'merges.txt': merges.join('\n') });
    const tokenizer = await loadTokenizer(path);
    for (const { text, ids } of readGolden('gpt2').texts) expect(tokenizer.encode(text)).toEqual(ids);
  });

  test('Qwen2 comes out the same, by its class name', async () => {
    const { model, added_tokens } = familyJson('qwen2_5');
    const path = await folder({
      'vocab.json': model.vocab,
      'merges.txt': model.merges
        .map((m: string | string[]) => (Array.isArray(m) ? m.join(' ') : m))
        .join('\n'),
      'tokenizer_config.json': {
        tokenizer_class: 'Qwen2Tokenizer',
        added_tokens_decoder: Object.fromEntries(added_tokens.map((t: { id: number }) => [t.id, t])),
      },
    });
    const tokenizer = await loadTokenizer(path);
    for (const { text, ids } of readGolden('qwen2_5').texts) expect(tokenizer.encode(text)).toEqual(ids);
  });

  test('an unknown class is refused by name', async () => {
    const path = await folder({
      'vocab.json': { a: 0 },
      'merges.txt': '',
      'tokenizer_config.json': { tokenizer_class: 'OddTokenizer' },
    });
    await expect(loadTokenizer(path)).rejects.toMatchObject({
      code: 'tokenizer.unsupported',
      message: expect.stringContaining('OddTokenizer'),
    });
  });
});

describe('what is not there', () => {
  test('no such path, an empty folder, another file, SentencePiece alone', async () => {
    await expect(loadTokenizer(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'file.missing' });
    await expect(loadTokenizer(await folder({}))).rejects.toMatchObject({ code: 'tokenizer.missing' });
    const path = await folder({ 'model.bin': 'x', 'tokenizer.model': 'x' });
    await expect(loadTokenizer(join(path, 'model.bin'))).rejects.toMatchObject({ code: 'tokenizer.missing' });
    await expect(loadTokenizer(path)).rejects.toMatchObject({
      code: 'tokenizer.unsupported',
      hint: expect.stringContaining('tokenizer.json'),
    });
  });
});

// biome-ignore lint/suspicious/noExplicitAny: raw JSON, to be broken
type Json = Record<string, any>;

/** A valid file with one part replaced. */
function broken(change: (json: Json) => void): Json {
  const json: Json = byteTokenizerJson(END);
  change(json);
  return json;
}

let deep: unknown = { type: 'ByteLevel' };
for (let i = 0; i < 500; i++) deep = { type: 'Sequence', pretokenizers: [deep] };

describe('a hostile tokenizer.json ends in a sentence', () => {
  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{"model": ', /not valid JSON/],
    ['an array', [], /expected an object, got an array/],
    ['no model', {}, /"model" should be an object, got nothing/],
    ['another kind of model', { model: { type: 'WordLevel', vocab: {} } }, /type "WordLevel"/],
    [
      'vocabulary as a list',
      broken((j) => (j.model.vocab = ['a'])),
      /"model\.vocab" should be an object, got an array/,
    ],
    ['empty vocabulary', broken((j) => (j.model.vocab = {})), /vocabulary is empty/],
    ['an id of a billion', broken((j) => (j.model.vocab.x = 1e9)), /id of "x".*1000000000/],
    ['a negative id', broken((j) => (j.model.vocab.x = -1)), /id of "x"/],
    ['an id as text', broken((j) => (j.model.vocab.x = '7')), /id of "x".*"7"/],
    ['two tokens with one id', broken((j) => (j.model.vocab.xx = 65)), /"A" and "xx" have the same id 65/],
    [
      'merges missing',
      broken((j) => delete j.model.merges),
      /"model\.merges" should be an array, got nothing/,
    ],
    ['a merge of three', broken((j) => (j.model.merges = ['a b c'])), /merge 0 should be two tokens/],
    ['a merge of numbers', broken((j) => (j.model.merges = [[1, 2]])), /merge 0 should be two tokens/],
    ['a merge without result', broken((j) => (j.model.merges = ['a b'])), /merge 0 names "ab"/],
    ['added tokens as an object', broken((j) => (j.added_tokens = {})), /"added_tokens" should be an array/],
    [
      'an added token without text',
      broken((j) => (j.added_tokens = [{ id: 1 }])),
      /added token 0 should have a "content"/,
    ],
    ['an added token far away', broken((j) => (j.added_tokens[0].id = 2 ** 40)), /added token 0/],
    ['a stage of the wrong type', broken((j) => (j.decoder = 'x')), /"decoder" should be an object/],
    [
      'an unknown pre-tokenizer',
      broken((j) => (j.pre_tokenizer = { type: 'Magic' })),
      /pre-tokenizer "Magic"/,
    ],
    [
      'a pre-tokenizer named like a method',
      broken((j) => (j.pre_tokenizer = { type: 'constructor' })),
      /pre-tokenizer "constructor"/,
    ],
    ['an unknown normalizer', broken((j) => (j.normalizer = { type: 'Magic' })), /normalizer "Magic"/],
    ['an unknown decoder', broken((j) => (j.decoder = { type: 'Magic' })), /decoder "Magic"/],
    [
      'an unknown post-processor',
      broken((j) => (j.post_processor = { type: 'Magic' })),
      /post-processor "Magic"/,
    ],
    [
      'a template without ids',
      broken(
        (j) => (j.post_processor = { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<s>' } }] }),
      ),
      /names "<s>" without giving its id/,
    ],
    [
      'a pattern that is none',
      broken((j) => (j.pre_tokenizer = { type: 'Split', pattern: { Regex: '(' }, behavior: 'Isolated' })),
      /pattern .* is not understood/,
    ],
    ['a split without pattern', broken((j) => (j.pre_tokenizer = { type: 'Split' })), /has no pattern/],
    ['stages nested hundreds deep', broken((j) => (j.pre_tokenizer = deep)), /nested more than/],
  ])('%s', async (_what, json, message) => {
    const error = await loadTokenizer(await folder({ 'tokenizer.json': json })).catch((thrown) => thrown);
    expect(error.name).toBe('AppError');
    expect(error.message).toMatch(message);
    expect(error.hint).not.toBe('');
  });

  test('a file of gigabytes is not read', async () => {
    const path = await folder({ 'tokenizer.json': '' });
    await truncate(join(path, 'tokenizer.json'), 2 ** 33);
    await expect(loadTokenizer(path)).rejects.toMatchObject({
      code: 'tokenizer.invalid',
      message: expect.stringContaining('8589934592'),
    });
  });

  test('tokens named like object members are ordinary tokens', async () => {
    const json = broken((j) => {
      j.added_tokens.push({ id: 259, content: '__proto__' }, { id: 260, content: 'constructor' });
    });
    const tokenizer = await loadTokenizer(await folder({ 'tokenizer.json': json }));
    expect(tokenizer.encode('__proto__constructor')).toEqual([259, 260]);
    expect(tokenizer.idOf('toString')).toBeUndefined();
  });
});

test('100,000 characters without a space take no quadratic time', async () => {
  const tokenizer = await loadTokenizer(familyFolder('mistral_v1'));
  for (const text of [
    'a'.repeat(100_000),
    ' '.repeat(100_000),
    '\u4e2d\u6587'.repeat(50_000),
    'aB1!'.repeat(25_000),
  ]) {
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  }
});
