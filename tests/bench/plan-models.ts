/** Models of several sizes with random weights, and rows of a given length, for measuring what the planner predicts. */
import fs from 'node:fs';
import path from 'node:path';
import { type TensorToWrite, writeSafetensors } from '../../main/engine/io/safetensors-write.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import { outline } from '../../main/engine/models/model.ts';
import { readModel } from '../../main/engine/models/registry.ts';
import { Rng, streamSeed } from '../../main/rows/rng.ts';

const PRACTICE = path.join(import.meta.dirname, '..', '..', 'resources', 'practice-model');
const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json'];
const POSITIONS = 2048;

/** Shapes by name: the practice model's, one in between, and SmolLM2-135M's with its vocabulary. */
export const SHAPES = {
  '4M': { hidden_size: 256, intermediate_size: 768, num_hidden_layers: 4, heads: [4, 2], vocab_size: 4096 },
  '45M': {
    hidden_size: 512,
    intermediate_size: 1536,
    num_hidden_layers: 12,
    heads: [8, 4],
    vocab_size: 8192,
  },
  '135M': {
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    heads: [9, 3],
    vocab_size: 49_152,
  },
} as const;

export type ShapeName = keyof typeof SHAPES;

/** Writes a Llama of the shape, or with other `layers`, with random weights, in float32 or bfloat16, and the practice model's tokenizer; gives its folder. */
export async function writeModel(
  folder: string,
  name: ShapeName,
  dtype: 'f32' | 'bf16' = 'f32',
  layers: number = SHAPES[name].num_hidden_layers,
): Promise<string> {
  fs.mkdirSync(folder, { recursive: true });
  for (const file of TOKENIZER_FILES) fs.copyFileSync(path.join(PRACTICE, file), path.join(folder, file));
  const { heads, ...sizes } = SHAPES[name];
  const config: JsonObject = {
    ...JSON.parse(fs.readFileSync(path.join(PRACTICE, 'config.json'), 'utf8')),
    ...{ ...sizes, num_hidden_layers: layers },
    ...{ num_attention_heads: heads[0], num_key_value_heads: heads[1] },
    ...{ head_dim: 64, max_position_embeddings: POSITIONS },
    dtype: dtype === 'bf16' ? 'bfloat16' : 'float32',
  };
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config));
  const weights = randomWeights(config);
  const tensors = dtype === 'bf16' ? weights.map(halved) : weights;
  await writeSafetensors(path.join(folder, 'model.safetensors'), tensors, { format: 'pt' });
  return folder;
}

/** The upper 16 bits of each number: what is cut off changes nothing that is measured. */
function halved({ data, ...tensor }: TensorToWrite & { readonly data: Float32Array }): TensorToWrite {
  const bits = new Uint32Array(data.buffer);
  return { ...tensor, dtype: 'bf16', data: Uint16Array.from(bits, (one) => one >>> 16) };
}

function randomWeights(config: JsonObject): (TensorToWrite & { readonly data: Float32Array })[] {
  return [...outline(readModel(config)).parameters].map(([name, { shape, kind }]) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    const rng = Rng.fromSeed(streamSeed(5, 'plan', name));
    const spread = kind === 'norm' ? 0 : 0.03;
    const data = Float32Array.from(
      { length: size },
      () => (kind === 'norm' ? 1 : 0) + spread * (rng.uniform() - 0.5),
    );
    return { name, dtype: 'f32' as const, shape, data };
  });
}

/** Writes `count` rows of continued text, each longer than `tokens` tokens. */
export function writeTexts(file: string, count: number, tokens: number): string {
  const rng = Rng.fromSeed(streamSeed(tokens, 'plan', 'texts'));
  const words = 'the cat sat on a red mat and told us about its long walk by the river'.split(' ');
  const row = () =>
    Array.from({ length: tokens }, () => words[Math.floor(rng.uniform() * words.length)]).join(' ');
  fs.writeFileSync(
    file,
    Array.from({ length: count }, () => `${JSON.stringify({ text: row() })}\n`).join(''),
  );
  return file;
}
