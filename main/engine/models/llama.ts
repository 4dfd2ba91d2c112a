/** Llama 1 to 3.x and the many models of its architecture (SmolLM2, TinyLlama, …). */
import type { ConfigReader } from './config-reader.ts';
import { decoderModel, readDecoder } from './decoder-model.ts';
import type { Model } from './model.ts';

export function readLlama(c: ConfigReader): Model {
  const base = readDecoder(c, {
    vocabSize: 32000,
    mlpSize: 11008,
    kvHeads: 'heads',
    headDim: 'hidden/heads',
    maxPositions: 2048,
  });
  const attentionBias = c.flag('attention_bias', false);
  const mlpBias = c.flag('mlp_bias', false);
  const config = {
    ...base,
    qkvBias: attentionBias,
    outputBias: attentionBias,
    mlpBias,
    headNorm: false,
    windowOf: () => null,
  };
  return decoderModel('llama', 'llama', config, true);
}
