/** A tokenizer as the tokenizer.json and tokenizer_config.json that other programs open. */
import type { AddedToken, ModelDefinition, StageConfig, TokenizerDefinition } from './definition.ts';

/** The content of tokenizer_config.json; `special` are tokens by their role. */
export function tokenizerConfigJson(
  special: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    ...Object.fromEntries(Object.entries(special).map(([role, token]) => [`${role}_token`, token])),
  };
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

function modelJson(model: ModelDefinition): unknown {
  if (model.kind === 'unigram')
    return {
      type: 'Unigram',
      unk_id: model.unkId,
      vocab: model.tokens.map((token, id) => [token, model.scores[id]!]),
      byte_fallback: model.byteFallback,
    };
  const tokens = model.tokens.flatMap((token, id) => (token === undefined ? [] : [[token, id] as const]));
  const vocab = Object.fromEntries(tokens);
  if (model.kind === 'wordpiece')
    return {
      type: 'WordPiece',
      unk_token: model.unkToken,
      continuing_subword_prefix: model.prefix,
      max_input_chars_per_word: model.longestWord,
      vocab,
    };
  return {
    type: 'BPE',
    dropout: null,
    unk_token: model.unkToken,
    continuing_subword_prefix: null,
    end_of_word_suffix: model.endOfWordSuffix,
    fuse_unk: model.fuseUnk,
    byte_fallback: model.byteFallback,
    ignore_merges: model.ignoreMerges,
    vocab,
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
