/**
 * A decoder that makes vectors of texts: its layers as they are without a head, each token seeing what stands before it (Qwen3-Embedding) or
 * around it (EmbeddingGemma).
 * sentence-transformers' modules.json beside it says that it is meant so, and how tokens are pooled.
 */
import type { Value } from '../ir/graph.ts';
import { attentionMask, oncePerWindow } from '../nn/attention.ts';
import { attendBothWays, attendThrough } from '../nn/both-ways.ts';
import { FLAT_MIXING, type Mixing } from '../nn/mixing.ts';
import { type JsonObject, unsupported } from './config-reader.ts';
import type { Encoder, EncoderInputs } from './encoder.ts';
import { readEncoder } from './encoders.ts';
import type { Model } from './model.ts';
import { isSentenceDecoder, readDecoder } from './registry.ts';

/** The encoder that a config.json describes, with files of these `names` beside it: a decoder is one where they say so. */
export function readReader(config: JsonObject, names: readonly string[]): Encoder {
  return isSentenceDecoder(config, names) ? asEncoder(readDecoder(config)) : readEncoder(config);
}

function asEncoder(model: Model): Encoder {
  // only attention is cut between the texts that share a row, whatever sizes a graph has
  if (!model.attendsOnly) throw unsupported('some of its layers have no attention, and it makes vectors');
  const { modelType, vocabSize, hiddenSize, layers, ropes, maxPositions: maxTokens, storedNames } = model;
  return {
    modelType,
    vocabSize,
    hiddenSize,
    layers,
    ropes,
    maxTokens,
    storedNames,
    positionsOf: (ids) => ids.map((_, i) => i),
    hidden: (p, inputs) => model.hidden(p, inputs, (model.readsBothWays ? mixingBothWays : mixingOf)(inputs)),
    isIgnored: (stored) => model.isIgnored(stored) || /(^|\.)lm_head\./.test(stored),
  };
}

function mixingBothWays(places: EncoderInputs): Mixing {
  const time = places.tokens.shape[1]!;
  const attend = attendBothWays(places);
  const reachOf = (window: number | null) => (window !== null && window < time - 1 ? window : null);
  return {
    ...FLAT_MIXING,
    attend: (_layer, q, k, v, scale, window) => attend(q, k, v, scale, reachOf(window)),
  };
}

function mixingOf(places: EncoderInputs): Mixing {
  const time = places.tokens.shape[1]!;
  const maskFor = oncePerWindow((window): Value => {
    const mask = () => attentionMask(places, places, window);
    return places.segments.graph.scoped('mask', mask);
  });
  return {
    ...FLAT_MIXING,
    attend: (_layer, q, k, v, scale, window) =>
      attendThrough(maskFor(window !== null && window < time ? window : null), q, k, v, scale),
  };
}
