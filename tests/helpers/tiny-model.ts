/**
 * Model folders and rows so small that a training step takes milliseconds: the seeded golden models with room for more
 * positions, beside the byte tokenizer and ChatML template of resources/tiny-model.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSafetensors } from '../../main/engine/io/safetensors.ts';
import { writeSafetensors } from '../../main/engine/io/safetensors-write.ts';
import { sizeOf } from '../../main/engine/ir/shape.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import { outline, readModel } from '../../main/engine/models/registry.ts';
import { noise } from './graphs.ts';
import { seeded } from './random.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const FAMILIES = path.join(ROOT, 'tests', 'golden', 'data', 'families');
const TOKENIZER = path.join(ROOT, 'resources', 'tiny-model');
const POSITIONS = 256;

/** Settings of the golden models that llama.cpp has not, or that keep them from 256 positions. */
const CHANGES = {
  gpt2: { n_positions: POSITIONS },
  llama: {},
  mistral: {},
  qwen2: {},
  qwen3: {},
  smollm2: {},
  smollm3: { no_rope_layers: null, no_rope_layer_interval: 4 },
  gemma3: {},
  gemma4: {},
  // llama.cpp scales by the room of its context, which is at least 256
  phi3: { original_max_position_embeddings: POSITIONS, max_position_embeddings: 2 * POSITIONS },
  ministral3: {},
  granite: {},
  // written without its fraction, which Transformers wants here
  granite4: { time_step_limit: undefined },
  olmo2: {},
  olmo3: {
    rope_parameters: {
      full_attention: {
        ...{ rope_type: 'yarn', rope_theta: 5e5, factor: 8, original_max_position_embeddings: 64 },
        attention_factor: 1.2,
      },
      sliding_attention: { rope_type: 'default', rope_theta: 5e5 },
    },
  },
  exaone4: { sliding_window: null, layer_types: Array(4).fill('full_attention') },
  lfm2: {},
  // llama.cpp has value heads as wide as key heads
  qwen3_5: { linear_value_head_dim: 16 },
} as const satisfies Readonly<Record<string, object>>;

const RESHAPED: ReadonlySet<string> = new Set(['gpt2', 'qwen3_5']);

export type TinyFamily = keyof typeof CHANGES;

export const TINY_FAMILIES = Object.keys(CHANGES) as TinyFamily[];

/** Makes a Hugging Face folder of `family` with 256 ids and 256 positions in `folder`. */
export async function writeTinyModel(folder: string, family: TinyFamily = 'llama'): Promise<string> {
  const source = path.join(FAMILIES, family);
  mkdirSync(folder, { recursive: true });
  const config = JSON.parse(readFileSync(path.join(source, 'config.json'), 'utf8'));
  const changes = { max_position_embeddings: POSITIONS, ...CHANGES[family] };
  writeJson(path.join(folder, 'config.json'), { ...config, ...changes });
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(path.join(TOKENIZER, name), path.join(folder, name));
  const weights = path.join(source, 'model.safetensors');
  const target = path.join(folder, 'model.safetensors');
  if (RESHAPED.has(family)) await withShapes(weights, target, { ...config, ...changes });
  else copyFileSync(weights, target);
  return folder;
}

/** The weights of `source`, longer where the configuration asks for more: more positions, wider value heads. */
async function withShapes(source: string, target: string, config: JsonObject): Promise<void> {
  const file = await openSafetensors(source);
  const { parameters } = outline(readModel(config));
  const tensors = [];
  for (const name of file.tensors.keys()) {
    const { shape } = parameters.get(name)!;
    const data = noise(sizeOf(shape), 1, 0.02);
    data.set(await file.readF32(name));
    tensors.push({ name, dtype: 'f32' as const, shape, data });
  }
  await file.close();
  await writeSafetensors(target, tensors, { format: 'pt' });
}

const SOUNDS = [
  ['cat', 'meow'],
  ['dog', 'woof'],
  ['cow', 'moo'],
  ['owl', 'hoot'],
  ['duck', 'quack'],
] as const;

/** Rows of a conversation each, 40 to 50 tokens long, that can be learned: an animal and a number, the sound as often. */
export function tinyRows(count: number, seed = 1): unknown[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, i) => {
    const [animal, sound] = SOUNDS[Math.floor(random() * SOUNDS.length)]!;
    const times = 1 + Math.floor(random() * 3);
    return {
      messages: [
        { role: 'user', content: `${times} ${animal} ${i}` },
        { role: 'assistant', content: Array(times).fill(sound).join(' ') },
      ],
    };
  });
}

/** Writes `rows` as JSON Lines. */
export function writeRows(file: string, rows: readonly unknown[]): string {
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return file;
}

/** Writes `value` as JSON. */
export function writeJson(file: string, value: unknown): void {
  writeFileSync(file, JSON.stringify(value));
}

/** A new empty folder; `remove` deletes it. */
export function temporaryFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'fettle-test-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
