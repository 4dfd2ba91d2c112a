/** Encoders so small that a text takes a millisecond: random weights beside the tokenizers of tests/fixtures/tokenizers. */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { writeSafetensors } from '../../main/engine/io/safetensors-write.ts';
import { sizeOf } from '../../main/engine/ir/shape.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import { encoderOutline } from '../../main/engine/models/encoder.ts';
import { readEncoder } from '../../main/engine/models/encoders.ts';
import { noise } from './graphs.ts';
import { writeJson } from './tiny-model.ts';
import { familyFolder } from './tokenizer-families.ts';

const TINY = {
  hidden_size: 24,
  intermediate_size: 40,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  vocab_size: 1400,
};

const CONFIGS = {
  bert: { model_type: 'bert', ...TINY, max_position_embeddings: 300 },
  modernbert: {
    model_type: 'modernbert',
    ...TINY,
    max_position_embeddings: 1100,
    local_attention: 6,
    pad_token_id: 0,
  },
  xlm_roberta: { model_type: 'xlm-roberta', ...TINY, max_position_embeddings: 302 },
} as const satisfies Readonly<Record<string, JsonObject>>;

export const TINY_ENCODERS = Object.keys(CONFIGS) as (keyof typeof CONFIGS)[];

/** Makes a folder as sentence-transformers writes it in `folder`; `files` are further ones, by name, `unused` names of parameters that Fettle doesn't read. */
export async function writeTinyEncoder(
  folder: string,
  kind: keyof typeof CONFIGS = 'bert',
  files: Readonly<Record<string, unknown>> = {},
  unused: readonly string[] = [],
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const config = CONFIGS[kind];
  writeJson(path.join(folder, 'config.json'), config);
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(
      path.join(familyFolder(kind === 'modernbert' ? 'bert' : kind), name),
      path.join(folder, name),
    );
  const tensors = [...encoderOutline(readEncoder(config)).parameters].map(([name, of], i) => ({
    name,
    dtype: 'f32' as const,
    shape: of.shape,
    data: valuesOf(of, i + 1),
  }));
  const others = unused.map((name, i) => ({
    ...{ name: `bert.${name}`, dtype: 'f32' as const },
    shape: name.endsWith('.bias') ? [TINY.hidden_size] : [TINY.hidden_size, TINY.hidden_size],
    data: noise(TINY.hidden_size ** (name.endsWith('.bias') ? 1 : 2), 90 + i, 0.3),
  }));
  await writeSafetensors(path.join(folder, 'model.safetensors'), [...tensors, ...others], { format: 'pt' });
  for (const [name, value] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeJson(path.join(folder, name), value);
  }
  return folder;
}

/** Norms multiply by about one, as in real models: by about nothing, all texts have nearly the same first token, and no head learns from it. */
function valuesOf(
  { shape, kind }: { readonly shape: readonly number[]; readonly kind: string },
  seed: number,
) {
  const values = noise(sizeOf(shape), seed, 0.3);
  return kind === 'norm' ? values.map((value) => 1 + value) : values;
}

/** modules.json of an encoder that pools, then makes the length one. */
export const SENTENCE_MODULES = [
  { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
  { idx: 1, name: '1', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
  { idx: 2, name: '2', path: '2_Normalize', type: 'sentence_transformers.models.Normalize' },
];
