/** Reading one folder of reference values in the format of `data/families/<case>`. */

import { readdirSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { type Batch, batchFromArrays } from '../../main/engine/data/batches/batch.ts';
import { openSafetensors, type SafetensorsFile } from '../../main/engine/io/safetensors.ts';

/** Name and folder of every case beside this file. */
export function referenceCases(
  groups: readonly string[] = ['families', 'variations'],
): (readonly [name: string, folder: string])[] {
  return groups.flatMap((group) => {
    const folder = path.join(import.meta.dirname, 'data', group);
    const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return entries.map(({ name }) => [name, path.join(folder, name)] as const);
  });
}

/** How much of a case is compared. */
export interface Checked {
  /** The first steps of a trace; 0 leaves it out. */
  steps(trace: string): number;
  /** Whether other spellings of the configuration and other names of weights are, too. */
  readonly hasVariants: boolean;
  /** Whether weights at rest in 16 bits are, too. */
  hasHalves(name: string): boolean;
  /** Whether logits of packed rows and with an adapter are, beside their losses and gradients. */
  readonly hasEveryLogit: boolean;
  /** The first tokens of each generated answer. */
  readonly tokens: number;
}

export const WHOLE: Checked = {
  steps: () => Number.POSITIVE_INFINITY,
  hasVariants: true,
  hasHalves: () => true,
  hasEveryLogit: true,
  tokens: Number.POSITIVE_INFINITY,
};

export interface Arrays {
  ints(name: string): Promise<Int32Array>;
  floats(name: string): Promise<Float32Array>;
  shape(name: string): readonly number[];
  has(name: string): boolean;
  names(): string[];
}

/** Everything in a safetensors file, read as it is asked for. */
export async function openArrays(file: string): Promise<Arrays & { close(): Promise<void> }> {
  const opened: SafetensorsFile = await openSafetensors(file);
  return {
    // ids, counts and masks: float32 holds all of them
    ints: async (name) => Int32Array.from(await opened.readF32(name)),
    floats: (name) => opened.readF32(name),
    shape: (name) => opened.tensors.get(name)!.shape,
    has: (name) => opened.tensors.has(name),
    names: () => [...opened.tensors.keys()],
    close: () => opened.close(),
  };
}

export interface PaddedArrays {
  readonly rows: number;
  readonly time: number;
  readonly ids: Int32Array;
  readonly mask: Int32Array;
  readonly labels: Int32Array;
}

/** The padded batch of batch.safetensors. */
export async function readPadded(folder: string): Promise<PaddedArrays> {
  const arrays = await openArrays(path.join(folder, 'batch.safetensors'));
  const [rows, time] = arrays.shape('input_ids') as [number, number];
  const padded = {
    rows,
    time,
    ids: await arrays.ints('input_ids'),
    mask: await arrays.ints('attention_mask'),
    labels: await arrays.ints('labels'),
  };
  await arrays.close();
  return padded;
}

/** Some rows of the padded batch as the engine's batch, with room for `capacity` labels. */
export function paddedBatch(padded: PaddedArrays, rows: readonly number[], capacity?: number): Batch {
  const pick = (x: Int32Array) =>
    Int32Array.from(rows.flatMap((row) => [...x.subarray(row * padded.time, (row + 1) * padded.time)]));
  const batch = batchFromArrays({
    rowCount: rows.length,
    rowLength: padded.time,
    tokens: pick(padded.ids),
    attentionMask: pick(padded.mask),
    labels: pick(padded.labels),
    ...(capacity !== undefined && { labelCapacity: capacity }),
  });
  // Transformers numbers the padding as well, and some rotary scalings look at the largest number of the batch
  return { ...batch, positions: batch.positions.map((_, i) => i % padded.time) };
}

/** The packed row of packed.safetensors. */
export async function readPacked(
  folder: string,
): Promise<{ arrays: Arrays & { close(): Promise<void> }; batch: Batch }> {
  const arrays = await openArrays(path.join(folder, 'packed.safetensors'));
  const [rowCount, rowLength] = arrays.shape('input_ids') as [number, number];
  const batch = batchFromArrays({
    rowCount,
    rowLength,
    tokens: await arrays.ints('input_ids'),
    positions: await arrays.ints('position_ids'),
    segments: await arrays.ints('segment_ids'),
    labels: await arrays.ints('labels'),
  });
  return { arrays, batch };
}

export async function readJson<T>(folder: string, name: string): Promise<T> {
  return JSON.parse(await fs.readFile(path.join(folder, name), 'utf8')) as T;
}
