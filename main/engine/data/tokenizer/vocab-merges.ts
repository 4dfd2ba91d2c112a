/**
 * Older folders hold a byte-level tokenizer as vocab.json and merges.txt. The files say nothing about the
 * pre-tokenizer; the class named in tokenizer_config.json does.
 */
import { join } from 'node:path';
import { AppError } from '../../../errors.ts';
import { badTokenizer, entryOf, isRecord, parseDefinition, type TokenizerDefinition } from './definition.ts';
import { PRESETS } from './presets.ts';
import { readJsonIfPresent, readTextIfPresent } from './read-json.ts';

const PRESET_OF_CLASS: Readonly<Record<string, string>> = {
  GPT2Tokenizer: 'gpt-2',
  GPT2TokenizerFast: 'gpt-2',
  Qwen2Tokenizer: 'qwen2',
  Qwen2TokenizerFast: 'qwen2',
};

/** The definition, or null when the folder has no vocab.json and merges.txt. `config` is tokenizer_config.json. */
export async function definitionFromVocabMerges(
  folder: string,
  config: Readonly<Record<string, unknown>>,
): Promise<TokenizerDefinition | null> {
  const vocab = await readJsonIfPresent(join(folder, 'vocab.json'));
  const merges = await readTextIfPresent(join(folder, 'merges.txt'));
  if (vocab === undefined || merges === null) return null;
  const preset = presetFor(config.tokenizer_class ?? 'GPT2Tokenizer', folder);
  const json = {
    model: { type: 'BPE', vocab, merges: mergeLines(merges) },
    added_tokens: await addedTokens(folder, vocab, config),
    normalizer: preset.normalizer,
    pre_tokenizer: preset.preTokenizer,
    decoder: { type: 'ByteLevel' },
  };
  return parseDefinition(json, join(folder, 'vocab.json'));
}

function presetFor(className: unknown, folder: string) {
  const preset = PRESETS.get(entryOf(PRESET_OF_CLASS, String(className)) ?? '');
  if (preset !== undefined) return preset;
  throw new AppError(
    'tokenizer.unsupported',
    `${folder} has vocab.json and merges.txt for the tokenizer class ${JSON.stringify(className)}, which Fettle does not know.`,
    'Download tokenizer.json of the same model into the folder; nearly every model on the Hub has one.',
  );
}

function mergeLines(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  return lines[0]?.startsWith('#version') ? lines.slice(1) : lines;
}

/** added_tokens.json (text to id), and the special tokens that are entries of the vocabulary itself. */
async function addedTokens(folder: string, vocab: unknown, config: Readonly<Record<string, unknown>>) {
  const listed = await readJsonIfPresent(join(folder, 'added_tokens.json'));
  if (listed !== undefined && !isRecord(listed))
    throw badTokenizer(join(folder, 'added_tokens.json'), 'it should hold an object');
  const ids = new Map<string, unknown>(Object.entries(listed ?? {}));
  for (const name of ['bos_token', 'eos_token', 'unk_token', 'pad_token']) {
    const token = isRecord(config[name]) ? config[name].content : config[name];
    if (typeof token === 'string' && isRecord(vocab) && Object.hasOwn(vocab, token))
      ids.set(token, vocab[token]);
  }
  if (isRecord(vocab) && Object.hasOwn(vocab, '<|endoftext|>'))
    ids.set('<|endoftext|>', vocab['<|endoftext|>']);
  return [...ids].map(([content, id]) => ({ content, id, special: true, normalized: false }));
}
