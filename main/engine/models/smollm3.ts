/** SmolLM3: Llama whose every fourth layer does not rotate queries and keys. */
import { ConfigReader, mismatch } from './config-reader.ts';
import { attentionBias, DECODER_PLANNER, decoderModel, readDecoder, readWindows } from './decoder-model.ts';
import type { Family } from './family.ts';
import { decoderConfig, decoderMetadata, narrowest, notInGguf } from './gguf.ts';

/** llama.cpp leaves every fourth layer unrotated, whatever a file says. */
const GGUF_INTERVAL = 4;

export const smollm3: Family = {
  type: 'smollm3',
  titles: ['SmolLM3'],
  read(c) {
    const decoder = readDecoder(c, {
      vocabSize: 128256,
      hiddenSize: 2048,
      mlpSize: 11008,
      layers: 36,
      heads: 16,
      kvHeads: 4,
      headDim: 'hidden/heads',
      maxPositions: 32768,
      tiedHead: true,
      rope: { theta: 2e6 },
    });
    const rotated = rotatedLayers(c, decoder.layers);
    return decoderModel(
      'smollm3',
      {
        ...decoder,
        ...attentionBias(c),
        mlpBias: c.flag('mlp_bias', false),
        ropeOf: (layer) => (rotated[layer] ? decoder.ropeOf(layer) : null),
        windowOf: windowsIn(c, decoder.layers, rotated),
      },
      true,
    );
  },
  gguf: {
    architecture: 'smollm3',
    config: (file) => ({
      architectures: ['SmolLM3ForCausalLM'],
      ...decoderConfig(file),
      attention_bias: file.has('blk.0.attn_q.bias'),
      mlp_bias: file.has('blk.0.ffn_up.bias'),
      no_rope_layer_interval: GGUF_INTERVAL,
    }),
    metadata(described) {
      const { config, model } = described;
      const c = new ConfigReader(config);
      const rotated = rotatedLayers(c, model.layers);
      if (rotated.some((own, layer) => own === ((layer + 1) % GGUF_INTERVAL === 0)))
        throw notInGguf(`rotation in other layers than all but every ${GGUF_INTERVAL}th (no_rope_layers)`);
      const windowOf = windowsIn(c, model.layers, rotated);
      return decoderMetadata('smollm3', described, { window: narrowest(windowOf, model.layers) });
    },
  },
  planner: {
    published: {
      bfloat16: {
        'HuggingFaceTB/SmolLM3-3B': ['SmolLM3 3B', 36, 2048, 16, 4, 11_008, 128_256, true, 65_536],
        'HuggingFaceTB/SmolLM3-3B-Base': ['SmolLM3 3B Base', 36, 2048, 16, 4, 11_008, 128_256, true, 65_536],
      },
    },
    ...DECODER_PLANNER,
  },
};

/** Whether each layer rotates: `no_rope_layers` says 1 where it does, in spite of its name. */
function rotatedLayers(c: ConfigReader, layers: number): boolean[] {
  if (c.raw('no_rope_layers') == null) {
    const interval = c.size('no_rope_layer_interval', 4);
    return Array.from({ length: layers }, (_, layer) => (layer + 1) % interval !== 0);
  }
  const list = c.numbers('no_rope_layers');
  if (list.length !== layers)
    throw mismatch(`no_rope_layers lists ${list.length} layers, the model has ${layers}`);
  return list.map((one) => one !== 0);
}

function windowsIn(c: ConfigReader, layers: number, rotated: readonly boolean[]) {
  const window = c.optionalSize('sliding_window');
  const isUsed = c.flag('use_sliding_window', false) && window !== null;
  return readWindows(c, layers, (layer) => isUsed && !rotated[layer], window);
}
