/** Mistral: Llama with grouped heads and, in its first version, a sliding attention window in every layer. */
import type { ConfigReader } from './config-reader.ts';
import { decoderModel, readDecoder } from './decoder-model.ts';
import type { Model } from './model.ts';

export function readMistral(c: ConfigReader): Model {
  const base = readDecoder(c, {
    vocabSize: 32000,
    mlpSize: 14336,
    kvHeads: 8,
    headDim: 'hidden/heads',
    maxPositions: 131072,
  });
  const window = c.has('sliding_window') ? c.optionalSize('sliding_window') : 4096;
  const config = {
    ...base,
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
    headNorm: false,
    windowOf: () => window,
  };
  return decoderModel('mistral', 'mistral', config, true);
}
