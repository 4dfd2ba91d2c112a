/**
 * Writes a tokenizer as Hugging Face folders have it. A GGUF file carries its tokenizer in its metadata; a model that is
 * trained from one must still load wherever a folder does.
 */
import path from 'node:path';
import type {
  AddedToken,
  BpeDefinition,
  StageConfig,
  TokenizerDefinition,
} from '../data/tokens/tokenizer/definition.ts';
import { assembleTokenizer, type TokenizerParts } from '../data/tokens/tokenizer/parts.ts';
import { writeFileAtomic } from '../io/atomic.ts';

/** Writes tokenizer.json, tokenizer_config.json and generation_config.json into `folder`. */
export async function writeTokenizer(folder: string, parts: TokenizerParts): Promise<void> {
  const { special, stopIds } = assembleTokenizer(parts);
  await writeJson(folder, 'tokenizer.json', tokenizerJson(parts.definition));
  await writeJson(folder, 'tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    ...Object.fromEntries(Object.entries(parts.special).map(([role, token]) => [`${role}_token`, token])),
    ...(parts.template !== null && { chat_template: parts.template }),
  });
  await writeJson(folder, 'generation_config.json', {
    ...(special.bos !== null && { bos_token_id: special.bos }),
    eos_token_id: stopIds,
    ...(special.pad !== null && { pad_token_id: special.pad }),
  });
}

async function writeJson(folder: string, name: string, value: unknown): Promise<void> {
  await writeFileAtomic(path.join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
}

/** The content of tokenizer.json, with the fields that the tokenizers library insists on. */
export function tokenizerJson(definition: TokenizerDefinition): unknown {
  const { addedTokens, normalizer, preTokenizer, postProcessor, decoder, model } = definition;
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens.map(addedTokenJson),
    normalizer,
    pre_tokenizer: preTokenizer && complete(preTokenizer),
    post_processor: postProcessor && complete(postProcessor),
    decoder: decoder && complete(decoder),
    model: modelJson(model),
  };
}

/** An added token as tokenizer.json lists it. */
export function addedTokenJson({ singleWord, ...token }: AddedToken) {
  const { id, content, lstrip, rstrip, normalized, special } = token;
  return { id, content, single_word: singleWord, lstrip, rstrip, normalized, special };
}

function modelJson(model: BpeDefinition): unknown {
  const vocab = model.tokens.flatMap((token, id) => (token === undefined ? [] : [[token, id] as const]));
  return {
    type: 'BPE',
    dropout: null,
    unk_token: model.unkToken,
    continuing_subword_prefix: null,
    end_of_word_suffix: model.endOfWordSuffix,
    fuse_unk: model.fuseUnk,
    byte_fallback: model.byteFallback,
    ignore_merges: model.ignoreMerges,
    vocab: Object.fromEntries(vocab),
    merges: model.merges,
  };
}

/** Fields that Fettle's own readers take for granted, by the stage that needs them. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ByteLevel: { add_prefix_space: false, trim_offsets: true, use_regex: true },
  Split: { invert: false },
  TemplateProcessing: {
    pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
  },
};

function complete(stage: StageConfig): StageConfig {
  const inner = ['pretokenizers', 'decoders', 'processors', 'normalizers'].flatMap((key) => {
    const list = stage[key];
    return Array.isArray(list) ? [[key, list.map(complete)]] : [];
  });
  return { ...DEFAULTS[stage.type], ...stage, ...Object.fromEntries(inner) };
}
