/** Llama 1 to 3.x and the many models of its architecture (SmolLM2, TinyLlama, …). */
import { attentionBias, DECODER_PLANNER, decoderModel, readDecoder } from './decoder-model.ts';
import type { Family } from './family.ts';
import { decoderConfig, decoderMetadata, LLAMA3_ROPE } from './gguf.ts';

export const llama: Family = {
  type: 'llama',
  titles: ['Llama'],
  also: 'SmolLM2',
  read(c) {
    const decoder = readDecoder(c, {
      vocabSize: 32000,
      mlpSize: 11008,
      kvHeads: 'heads',
      headDim: 'hidden/heads',
      maxPositions: 2048,
    });
    const mlpBias = c.flag('mlp_bias', false);
    return decoderModel('llama', { ...decoder, ...attentionBias(c), mlpBias }, true);
  },
  gguf: {
    architecture: 'llama',
    config: (file) => ({
      architectures: ['LlamaForCausalLM'],
      ...decoderConfig(file),
      attention_bias: file.has('blk.0.attn_q.bias'),
      mlp_bias: file.has('blk.0.ffn_up.bias'),
    }),
    metadata: (described) => decoderMetadata('llama', described, { ropeTensors: LLAMA3_ROPE }),
  },
  planner: {
    published: {
      float16: {
        'fettle/practice-model': ['Practice model', 4, 256, 4, 2, 768, 4096, true, 256],
        'meta-llama/Llama-2-7b-hf': ['Llama 2 7B', 32, 4096, 32, 32, 11_008, 32_000, false, 4096],
        'meta-llama/Llama-2-13b-hf': ['Llama 2 13B', 40, 5120, 40, 40, 13_824, 32_000, false, 4096],
        'meta-llama/Llama-2-70b-hf': ['Llama 2 70B', 80, 8192, 64, 8, 28_672, 32_000, false, 4096],
      },
      bfloat16: {
        'HuggingFaceTB/SmolLM2-135M': ['SmolLM2 135M', 30, 576, 9, 3, 1536, 49_152, true, 8192],
        'HuggingFaceTB/SmolLM2-360M': ['SmolLM2 360M', 32, 960, 15, 5, 2560, 49_152, true, 8192],
        'HuggingFaceTB/SmolLM2-1.7B': ['SmolLM2 1.7B', 24, 2048, 32, 32, 8192, 49_152, true, 8192],
        'meta-llama/Llama-3.2-1B': ['Llama 3.2 1B', 16, 2048, 32, 8, 8192, 128_256, true, 131_072],
        'meta-llama/Llama-3.2-3B': ['Llama 3.2 3B', 28, 3072, 24, 8, 8192, 128_256, true, 131_072],
        'meta-llama/Llama-3.1-8B': ['Llama 3.1 8B', 32, 4096, 32, 8, 14_336, 128_256, false, 131_072],
        'meta-llama/Llama-3.1-405B': ['Llama 3.1 405B', 126, 16_384, 128, 8, 53_248, 128_256, false, 131_072],
      },
    },
    typical: [
      'meta-llama/Llama-2-7b-hf',
      'meta-llama/Llama-2-13b-hf',
      'meta-llama/Llama-2-70b-hf',
      'meta-llama/Llama-3.1-405B',
    ],
    ...DECODER_PLANNER,
  },
};
