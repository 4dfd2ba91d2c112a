/** Mistral: Llama with grouped heads and, in its first version, a sliding attention window in every layer. */
import { ConfigReader } from './config-reader.ts';
import { DECODER_TARGETS, decoderConfigOf, decoderModel, readDecoder } from './decoder-model.ts';
import type { Family } from './family.ts';
import { decoderMetadata, LLAMA3_ROPE } from './gguf.ts';

function windowIn(c: ConfigReader): number | null {
  return c.has('sliding_window') ? c.optionalSize('sliding_window') : 4096;
}

export const mistral: Family = {
  type: 'mistral',
  titles: ['Mistral'],
  read(c) {
    const decoder = readDecoder(c, {
      vocabSize: 32000,
      mlpSize: 14336,
      kvHeads: 8,
      headDim: 'hidden/heads',
      maxPositions: 131072,
    });
    const window = windowIn(c);
    return decoderModel('mistral', { ...decoder, windowOf: () => window }, true);
  },
  gguf: {
    architecture: 'llama',
    metadata: (described) =>
      decoderMetadata('llama', described, {
        ropeTensors: LLAMA3_ROPE,
        window: windowIn(new ConfigReader(described.config)),
      }),
  },
  planner: {
    published: {
      bfloat16: {
        'mistralai/Mistral-7B-v0.3': ['Mistral 7B v0.3', 32, 4096, 32, 8, 14_336, 32_768, false, 32_768],
      },
    },
    configOf: (shape) => ({ ...decoderConfigOf(shape), sliding_window: null }),
    targets: DECODER_TARGETS,
  },
};
