import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeChat, encodePrompt } from '../../../../../../main/engine/data/tokens/encode.ts';
import { mergesFromScores } from '../../../../../../main/engine/data/tokens/tokenizer/gguf-read.ts';
import {
  loadTokenizer,
  tokenizerFromGguf,
} from '../../../../../../main/engine/data/tokens/tokenizer/load.ts';
import type { Message } from '../../../../../../main/rows/messages.ts';
import {
  type Family,
  familyFolder,
  familyJson,
  readGolden,
  type Style,
} from '../../../../../helpers/tokenizer-families.ts';

/** The metadata that llama.cpp's converter would write for a tokenizer.json. */
function ggufOf(family: Family | Style, extra: Record<string, unknown>): Map<string, unknown> {
  const json = familyJson(family);
  const tokens: string[] = [];
  for (const [token, id] of Object.entries<number>(json.model.vocab)) tokens[id] = token;
  const types: number[] = tokens.map((token) => (/^<0x..>$/.test(token) && family === 'mistral_v1' ? 6 : 1));
  for (const { id, content, special } of json.added_tokens) {
    tokens[id] = content;
    types[id] = special ? 3 : 4;
  }
  const merges = json.model.merges.map((merge: string | string[]) =>
    typeof merge === 'string' ? merge : merge.join(' '),
  );
  return new Map<string, unknown>([
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', types],
    ['tokenizer.ggml.merges', merges],
    ...Object.entries(extra).map(([key, value]) => [`tokenizer.ggml.${key}`, value] as [string, unknown]),
  ]);
}

const CASES: [Family, Record<string, unknown>][] = [
  ['gpt2', { pre: 'gpt-2', bos_token_id: 50256, eos_token_id: 50256 }],
  ['llama3', { pre: 'llama-bpe', bos_token_id: 128000, eos_token_id: 128001, add_bos_token: false }],
  ['qwen2_5', { pre: 'qwen2', eos_token_id: 151645, add_bos_token: false }],
  ['qwen3', { pre: 'qwen2', eos_token_id: 151645, add_bos_token: false }],
  ['mistral_nemo', { pre: 'tekken', bos_token_id: 1, eos_token_id: 2, unknown_token_id: 0 }],
];

test.each(CASES)('%s from GGUF metadata gives the ids of its tokenizer.json', async (family, extra) => {
  const tokenizer = await tokenizerFromGguf(ggufOf(family, extra));
  for (const { text, ids, ids_special, decoded } of readGolden(family).texts) {
    expect({ text, ids: tokenizer.encode(text) }).toEqual({ text, ids });
    expect(tokenizer.encode(text, { addSpecial: true })).toEqual(ids_special);
    expect(tokenizer.decode(ids)).toBe(decoded);
  }
});

test('names of patterns in newer files: LFM2 and Ministral', async () => {
  const lfm2 = await tokenizerFromGguf(ggufOf('lfm2', { pre: 'lfm2', bos_token_id: 1, eos_token_id: 4 }));
  for (const { text, ids, ids_special } of readGolden('lfm2').texts) {
    expect({ text, ids: lfm2.encode(text) }).toEqual({ text, ids });
    expect(lfm2.encode(text, { addSpecial: true })).toEqual(ids_special);
  }
  const extra = { pre: 'pixtral', bos_token_id: 1, eos_token_id: 2, unknown_token_id: 0 };
  const tekken = await tokenizerFromGguf(ggufOf('mistral_nemo', extra));
  for (const { text, ids_special } of readGolden('mistral_nemo').texts)
    expect(tekken.encode(text, { addSpecial: true })).toEqual(ids_special);
});

test.each(['llama', 'gemma4'])("Gemma's tokenizer as a file of the kind %s has it", async (model) => {
  const metadata = ggufOf('gemma', {
    ...{ model, bos_token_id: 2, eos_token_id: 5, padding_token_id: 0, unknown_token_id: 3 },
    add_space_prefix: false,
  });
  const tokens = metadata.get('tokenizer.ggml.tokens') as string[];
  const types = (metadata.get('tokenizer.ggml.token_type') as number[]).map((type, id) =>
    /^<0x..>$/.test(tokens[id]!) ? 6 : type,
  );
  metadata.set('tokenizer.ggml.token_type', types);
  if (model === 'llama') {
    metadata.delete('tokenizer.ggml.merges');
    const order = familyJson('gemma').model.merges.map((pair: string[]) => pair.join('')) as string[];
    const scores = tokens.map((token) => -(order.indexOf(token) >= 0 ? order.indexOf(token) : order.length));
    metadata.set('tokenizer.ggml.scores', scores);
    // the converter spells what is cut out of the text as it is in the text
    const spelled = tokens.map((token, id) => (types[id] === 4 ? token.replaceAll('\u2581', ' ') : token));
    metadata.set('tokenizer.ggml.tokens', spelled);
  }
  const tokenizer = await tokenizerFromGguf(metadata);
  for (const { text, ids, ids_special, decoded } of readGolden('gemma').texts) {
    expect({ text, ids: tokenizer.encode(text) }).toEqual({ text, ids });
    expect(tokenizer.encode(text, { addSpecial: true })).toEqual(ids_special);
    expect(tokenizer.decode(ids)).toBe(decoded);
  }
});

test('runs of space marks in a text are the added tokens that the file spells with spaces', async () => {
  const metadata = ggufOf('gemma', { model: 'llama', bos_token_id: 2, add_space_prefix: false });
  const [marks, spaces] = ['\u2581\u2581', '  '];
  const tokens = metadata.get('tokenizer.ggml.tokens') as string[];
  const types = metadata.get('tokenizer.ggml.token_type') as number[];
  const id = tokens.indexOf(marks);
  metadata.set('tokenizer.ggml.tokens', tokens.with(id, spaces));
  metadata.set('tokenizer.ggml.token_type', types.with(id, 4));
  metadata.delete('tokenizer.ggml.merges');
  metadata.set('tokenizer.ggml.scores', scoresOf(tokens));
  const tokenizer = await tokenizerFromGguf(metadata);
  expect(tokenizer.encode(marks)).toEqual([id]);
  expect(tokenizer.encode(spaces)).toEqual([id]);
});

/** Scores as SentencePiece gives them: falling with the id, and runs of spaces last. */
function scoresOf(tokens: readonly string[]): number[] {
  return tokens.map((token, id) => (/^\u2581{2,}$/.test(token) ? -1e9 : -id));
}

describe('a SentencePiece vocabulary with scores', () => {
  const metadata = ggufOf('mistral_v1', {
    model: 'llama',
    bos_token_id: 1,
    eos_token_id: 2,
    unknown_token_id: 0,
  });
  const tokens = metadata.get('tokenizer.ggml.tokens') as string[];
  const merges = metadata.get('tokenizer.ggml.merges');
  metadata.delete('tokenizer.ggml.merges');
  metadata.set('tokenizer.ggml.scores', scoresOf(tokens));

  test('gives the merges of the published tokenizer.json, in order', () => {
    const made = mergesFromScores(tokens, scoresOf(tokens)).map((pair) => pair.join(' '));
    expect(made).toEqual(merges);
  });

  test('gives its ids and texts', async () => {
    const tokenizer = await tokenizerFromGguf(metadata);
    for (const { text, ids, ids_special, decoded, decoded_skip } of readGolden('mistral_v1').texts) {
      expect({ text, ids: tokenizer.encode(text) }).toEqual({ text, ids });
      expect(tokenizer.encode(text, { addSpecial: true })).toEqual(ids_special);
      expect(tokenizer.decode(ids)).toBe(decoded);
      expect(tokenizer.decode(ids, { skipSpecial: true })).toBe(decoded_skip);
    }
  });

  test('without a prefix space, the first word has none and decoding keeps what is there', async () => {
    const tokenizer = await tokenizerFromGguf(
      new Map([...metadata, ['tokenizer.ggml.add_space_prefix', false]]),
    );
    expect(tokenizer.encode(' a')).toEqual([tokenizer.idOf('\u2581a')]);
    expect(tokenizer.encode('a')).toEqual([tokenizer.idOf('a')]);
    expect(tokenizer.decode(tokenizer.encode(' a'))).toBe(' a');
  });
});

describe('the file decides', () => {
  const gpt2 = ggufOf('gpt2', { pre: 'gpt-2', bos_token_id: 50256, eos_token_id: 50256 });
  const without = (key: string) => new Map([...gpt2].filter(([name]) => name !== key));

  test.each([
    [
      'an unknown pre-tokenizer',
      new Map([...gpt2, ['tokenizer.ggml.pre', 'xyzzy']]),
      /"xyzzy".*tokenizer\.json/s,
    ],
    ['no pre-tokenizer', without('tokenizer.ggml.pre'), /a tokenizer of an older kind/],
    ['an unknown kind', new Map([...gpt2, ['tokenizer.ggml.model', 'rwkv']]), /"rwkv"/],
    [
      'a kind named like an object method',
      new Map([...gpt2, ['tokenizer.ggml.model', 'toString']]),
      /"toString"/,
    ],
    ['no tokens', without('tokenizer.ggml.tokens'), /tokenizer\.ggml\.tokens/],
    [
      'types of another length',
      new Map([...gpt2, ['tokenizer.ggml.token_type', [1, 2]]]),
      /list of 50257 numbers/,
    ],
    ['a merge outside the vocabulary', new Map([...gpt2, ['tokenizer.ggml.merges', ['Ġ qqqq']]]), /merge 0/],
    [
      'merges that are no strings',
      new Map([...gpt2, ['tokenizer.ggml.merges', [1]]]),
      /tokenizer\.ggml\.merges/,
    ],
  ])('%s is refused', async (_what, metadata, message) => {
    const error = await tokenizerFromGguf(metadata as Map<string, unknown>).catch((thrown) => thrown);
    expect(error.name).toBe('AppError');
    expect(`${error.message} ${error.hint}`).toMatch(message as RegExp);
  });

  test('add_bos_token and add_eos_token', async () => {
    const flags: [string, unknown][] = [
      ['tokenizer.ggml.add_bos_token', true],
      ['tokenizer.ggml.add_eos_token', true],
    ];
    const tokenizer = await tokenizerFromGguf(new Map([...gpt2, ...flags]));
    expect(tokenizer.encode('a', { addSpecial: true })).toEqual([50256, ...tokenizer.encode('a'), 50256]);
  });

  test('a tokenizer.json beside it wins, unless it belongs to another model', async () => {
    const odd = new Map<string, unknown>([
      ...gpt2,
      ['tokenizer.ggml.pre', 'xyzzy'],
      ['tokenizer.chat_template', 'T'],
    ]);
    const tokenizer = await tokenizerFromGguf(odd, familyFolder('gpt2'));
    expect(tokenizer.encode('Hello, world!')).toEqual([15496, 11, 995, 0]);
    expect(tokenizer.chat?.source).toBe('T');
    await expect(tokenizerFromGguf(gpt2, familyFolder('mistral_v1'))).rejects.toThrow(
      /belongs to another model/,
    );
  });

  test('a file that is no GGUF file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fettle-'));
    await writeFile(join(folder, 'x.gguf'), 'not a model');
    await expect(loadTokenizer(join(folder, 'x.gguf'))).rejects.toMatchObject({ name: 'AppError' });
    await rm(folder, { recursive: true });
  });
});

interface SmolGolden {
  readonly chats: { messages: Message[]; ids: number[] }[];
  readonly labelled_tokens: number;
  readonly greedy: { prompt: string; prompt_ids: number[]; ids: number[]; text: string }[];
}

const MODEL = '../shared/models/SmolLM2-135M-Instruct.Q4_1.gguf';

describe.skipIf(!existsSync(MODEL))(`SmolLM2 (skipped where ${MODEL} is absent)`, async () => {
  const golden = readGolden<SmolGolden>('smollm2');
  const tokenizer = existsSync(MODEL) ? await loadTokenizer(MODEL) : null;

  test('chat ids, and labels on everything after the prompt', () => {
    let labelled = 0;
    for (const { messages, ids } of golden.chats) {
      const prompt = encodePrompt(tokenizer!, messages.slice(0, -1));
      const row = encodeChat(tokenizer!, messages, { trainOn: 'answers' });
      expect(row.ids).toEqual(ids);
      expect(row.labels).toEqual([...prompt.map(() => -100), ...ids.slice(prompt.length)]);
      labelled += ids.length - prompt.length;
    }
    expect(labelled).toBe(golden.labelled_tokens);
  });

  test('prompts and answers of the greedy generations', () => {
    for (const { prompt, prompt_ids, ids, text } of golden.greedy) {
      expect(encodePrompt(tokenizer!, [{ role: 'user', content: prompt }])).toEqual(prompt_ids);
      expect(tokenizer!.decode(ids, { skipSpecial: true })).toBe(text);
    }
    expect(tokenizer!.stopIds).toEqual([2]);
    expect(tokenizer!.vocabSize).toBe(49152);
  });
});
