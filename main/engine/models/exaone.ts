/** EXAONE 4: norms after attention and MLP and on each head; with windows, only the layers that have one rotate. */
import { MAIN_ROPE } from '../nn/rope.ts';
import { ConfigReader, mismatch } from './config-reader.ts';
import { DECODER_PLANNER, decoderConfigOf, decoderModel, readDecoder, readWindows } from './decoder-model.ts';
import type { Family } from './family.ts';
import { decoderConfig, decoderMetadata, LLAMA3_ROPE, layerTypesIn, notInGguf } from './gguf.ts';

export const exaone4: Family = {
  type: 'exaone4',
  titles: ['EXAONE 4'],
  read(c) {
    const decoder = readDecoder(c, {
      vocabSize: 102400,
      mlpSize: 16384,
      kvHeads: 32,
      headDim: 'hidden/heads',
      maxPositions: 2048,
      normEps: 1e-5,
    });
    const windowOf = windowsIn(c, decoder.layers);
    const isHybrid = hasWindow(c);
    const ropeOf = (layer: number) => (isHybrid && windowOf(layer) === null ? null : MAIN_ROPE);
    return decoderModel(
      'exaone4',
      { ...decoder, placement: 'post', headNorm: 'each', windowOf, ropeOf },
      false,
    );
  },
  gguf: {
    architecture: 'exaone4',
    config: (file) => ({
      architectures: ['Exaone4ForCausalLM'],
      ...decoderConfig(file),
      sliding_window: null,
      // without them Transformers divides by the period of windows, which is 0 here
      layer_types: layerTypesIn(file, 0),
    }),
    metadata(described) {
      // llama.cpp knows them in models of 64 layers alone, at fixed places
      if (hasWindow(new ConfigReader(described.config)))
        throw notInGguf('attention windows in EXAONE (sliding_window)');
      return decoderMetadata('exaone4', described, { normEps: 1e-5, ropeTensors: LLAMA3_ROPE });
    },
  },
  planner: {
    published: {},
    ...DECODER_PLANNER,
    configOf: (shape) => ({ ...decoderConfigOf(shape), sliding_window: null }),
  },
};

function hasWindow(c: ConfigReader): boolean {
  return !c.has('sliding_window') || c.raw('sliding_window') !== null;
}

/** `sliding_window_pattern` is a number, every so many-th layer sees all, or a word of L and G that is repeated. */
function windowsIn(c: ConfigReader, layers: number): (layer: number) => number | null {
  if (!hasWindow(c)) return readWindows(c, layers, () => false, null);
  const window = c.size('sliding_window', 4096);
  const pattern = c.raw('sliding_window_pattern') ?? 4;
  if (typeof pattern !== 'string') {
    const period = c.size('sliding_window_pattern', 4);
    return readWindows(c, layers, (layer) => (layer + 1) % period !== 0, window);
  }
  if (!/^[LG]+$/.test(pattern)) throw mismatch('sliding_window_pattern should consist of L and G');
  return readWindows(c, layers, (layer) => pattern[layer % pattern.length] === 'L', window);
}
