/** Qwen2 and Qwen2.5 (biases on q, k, v) and Qwen3 (norms on each query and key head). */
import type { ConfigReader } from './config-reader.ts';
import { decoderModel, qwenWindows, readDecoder } from './decoder-model.ts';
import type { Model } from './model.ts';

export function readQwen2(c: ConfigReader): Model {
  const base = readDecoder(c, {
    vocabSize: 151936,
    mlpSize: 22016,
    kvHeads: 32,
    headDim: 'hidden/heads',
    maxPositions: 32768,
  });
  const windowOf = qwenWindows(c, base.layers);
  return decoderModel(
    'qwen2',
    'qwen2',
    { ...base, qkvBias: true, outputBias: false, mlpBias: false, headNorm: false, windowOf },
    false,
  );
}

export function readQwen3(c: ConfigReader): Model {
  const base = readDecoder(c, {
    vocabSize: 151936,
    mlpSize: 22016,
    kvHeads: 32,
    headDim: 128,
    maxPositions: 32768,
  });
  const bias = c.flag('attention_bias', false);
  const windowOf = qwenWindows(c, base.layers);
  return decoderModel(
    'qwen3',
    'qwen3',
    { ...base, qkvBias: bias, outputBias: bias, mlpBias: false, headNorm: true, windowOf },
    false,
  );
}
