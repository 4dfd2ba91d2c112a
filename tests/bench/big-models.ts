/**
 * Models of the shape of well-known ones with random weights, as GGUF files of 4 bits, with rows to train on: for showing that a model
 * of that size trains, and in how much memory. `node tests/bench/big-models.ts --shape qwen-3b --out FOLDER` writes `model.gguf`, as
 * large as a real one and streamed to the disk, and `rows.jsonl`. The tokenizer is the practice model's; other tokens go unused.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ggufTensors, tokenizerEntries, writeGgufModel } from '../../main/engine/export/gguf-tensors.ts';
import { elementCount } from '../../main/engine/io/tensor-store.ts';
import { openModel, tokenizerOf, tokenizerPartsOf } from '../../main/engine/load/open-model.ts';
import { ggufArchitecture } from '../../main/engine/models/registry.ts';
import { Rng, streamSeed } from '../../main/rows/rng.ts';
import { CONFIGS, type ConfigName, writeHollowModel } from './hollow-model.ts';
import { writeTexts } from './plan-models.ts';

const ROWS = 24;
/** Random values of which all matrices are made, from a place of their own on; a prime of blocks, so that no two rows are alike. */
const POOL_VALUES = 32 * 65_537;
const PIECE_VALUES = 2 ** 20;
/** Largest weight: that of a matrix of width 2,048 as models begin. */
const SPREAD = 0.03;

/** Writes the model and `ROWS` rows of more than `length` tokens into `folder`; gives the paths. */
export async function writeBigModel(folder: string, name: ConfigName, length: number) {
  const hollow = writeHollowModel(path.join(folder, 'hollow'), CONFIGS[name]);
  const opened = await openModel(hollow);
  const model = path.join(folder, 'model.gguf');
  try {
    const read = (parameter: string) => randomPieces(parameter, opened.outline.parameters.get(parameter)!);
    const tokenizer = tokenizerEntries(opened, await tokenizerPartsOf(opened), await tokenizerOf(opened));
    const tensors = ggufTensors(opened, read, 'Q4_0', new Map());
    const facts = { name: `random weights, shape of ${name}`, licence: null, tags: [], baseModel: null };
    await writeGgufModel(model, ggufArchitecture(opened), tokenizer, tensors, {
      type: 'Q4_0',
      facts,
    });
  } finally {
    await opened.store.close();
  }
  fs.rmSync(hollow, { recursive: true });
  return { model, data: writeTexts(path.join(folder, 'rows.jsonl'), ROWS, length) };
}

let pool: Float32Array | null = null;

function poolOf(): Float32Array {
  if (pool) return pool;
  const rng = Rng.fromSeed(streamSeed(5, 'big', 'weights'));
  pool = Float32Array.from({ length: POOL_VALUES }, () => 2 * SPREAD * (rng.uniform() - 0.5));
  return pool;
}

async function* randomPieces(
  name: string,
  { shape, kind }: { readonly shape: readonly number[]; readonly kind: string },
): AsyncGenerator<Float32Array> {
  const size = elementCount(shape);
  if (kind === 'norm') return yield new Float32Array(size).fill(1);
  const values = poolOf();
  let at = 32 * Math.floor(Rng.fromSeed(streamSeed(5, 'big', name)).uniform() * 65_537);
  for (let start = 0; start < size; ) {
    const count = Math.min(PIECE_VALUES, size - start, values.length - at);
    yield values.subarray(at, at + count);
    [start, at] = [start + count, (at + count) % values.length];
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      shape: { type: 'string', default: 'llama-1b' },
      out: { type: 'string' },
      length: { type: 'string', default: '256' },
    },
  });
  if (!values.out || !Object.hasOwn(CONFIGS, values.shape))
    throw new Error(`Usage: big-models.ts --shape ${Object.keys(CONFIGS).join('|')} --out FOLDER`);
  fs.mkdirSync(values.out, { recursive: true });
  console.log(await writeBigModel(values.out, values.shape as ConfigName, Number(values.length)));
}
