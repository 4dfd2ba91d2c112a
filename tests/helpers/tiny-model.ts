/**
 * Model folders and rows so small that a training step takes milliseconds: the seeded golden models with room for more
 * positions, beside the byte tokenizer and ChatML template of resources/tiny-model.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSafetensors } from '../../main/engine/io/safetensors.ts';
import { writeSafetensors } from '../../main/engine/io/safetensors-write.ts';
import { noise } from './graphs.ts';
import { seeded } from './random.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const FAMILIES = path.join(ROOT, 'tests', 'golden', 'data', 'families');
const TOKENIZER = path.join(ROOT, 'resources', 'tiny-model');
const POSITIONS = 256;

export type TinyFamily = 'gpt2' | 'llama' | 'mistral' | 'qwen2' | 'qwen3' | 'smollm2';

/** Makes a Hugging Face folder of `family` with 256 ids and 256 positions in `folder`. */
export async function writeTinyModel(folder: string, family: TinyFamily = 'llama'): Promise<string> {
  const source = path.join(FAMILIES, family);
  mkdirSync(folder, { recursive: true });
  const config = JSON.parse(readFileSync(path.join(source, 'config.json'), 'utf8'));
  config[family === 'gpt2' ? 'n_positions' : 'max_position_embeddings'] = POSITIONS;
  writeJson(path.join(folder, 'config.json'), config);
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(path.join(TOKENIZER, name), path.join(folder, name));
  const weights = path.join(source, 'model.safetensors');
  const target = path.join(folder, 'model.safetensors');
  if (family === 'gpt2') await withMorePositions(weights, target);
  else copyFileSync(weights, target);
  return folder;
}

async function withMorePositions(source: string, target: string): Promise<void> {
  const file = await openSafetensors(source);
  const tensors = [];
  for (const [name, { shape }] of file.tensors) {
    const data = await file.readF32(name);
    if (!name.endsWith('wpe.weight')) tensors.push({ name, dtype: 'f32' as const, shape, data });
    else {
      const longer = noise(POSITIONS * shape[1]!, 1, 0.02);
      longer.set(data);
      tensors.push({ name, dtype: 'f32' as const, shape: [POSITIONS, shape[1]!], data: longer });
    }
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
