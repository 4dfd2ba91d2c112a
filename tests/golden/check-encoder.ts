/** Compares the engine with one folder of reference values of an encoder: hidden states, vectors, the loss on them and all gradients. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { backward } from '../../main/engine/autodiff/backward.ts';
import type { Executor } from '../../main/engine/exec/executor.ts';
import { openSafetensorsFolder } from '../../main/engine/io/safetensors-folder.ts';
import type { HostArray } from '../../main/engine/ir/dtype.ts';
import { Graph } from '../../main/engine/ir/graph.ts';
import { locateAll, readConfig } from '../../main/engine/load/open-model.ts';
import { readParameter } from '../../main/engine/load/parameter-pieces.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import { readReader } from '../../main/engine/models/decoder-encoder.ts';
import { type Encoder, encoderInputs, encoderOutline } from '../../main/engine/models/encoder.ts';
import { Parameters } from '../../main/engine/nn/parameters.ts';
import { POOLING, type Pooling, pooled, unitRows } from '../../main/engine/nn/pooling.ts';
import { rotationFeeds } from '../../main/engine/nn/rope.ts';
import { mul, reduceSum } from '../../main/engine/ops/functions.ts';
import { openArrays } from './case.ts';
import { difference, type Line } from './compare.ts';

interface EncoderBatch {
  readonly rows: number;
  readonly time: number;
  readonly ids: Int32Array;
  readonly mask: Int32Array;
  readonly types: Int32Array;
  readonly wanted: Float32Array;
}

export async function readEncoderBatch(folder: string): Promise<EncoderBatch> {
  const arrays = await openArrays(path.join(folder, 'batch.safetensors'));
  const [rows, time] = arrays.shape('input_ids') as [number, number];
  const batch = {
    ...{ rows, time },
    ids: await arrays.ints('input_ids'),
    mask: await arrays.ints('attention_mask'),
    types: await arrays.ints('token_type_ids'),
    wanted: await arrays.floats('wanted'),
  };
  await arrays.close();
  return batch;
}

/** What the batch feeds to a graph of `encoder`, with weights for pooling by `pooling`. */
export function encoderFeeds(
  encoder: Encoder,
  batch: EncoderBatch,
  pooling: Pooling,
): Record<string, HostArray> {
  const { rows, time, ids, mask, types } = batch;
  const positions = new Int32Array(rows * time);
  const pool = new Float32Array(rows * rows * time);
  for (let row = 0; row < rows; row++) {
    const own = Array.from(ids.subarray(row * time, (row + 1) * time)).filter(
      (_, i) => mask[row * time + i] === 1,
    );
    positions.set(encoder.positionsOf(own), row * time);
    const weightOf = POOLING[pooling](own.length);
    own.forEach((_, i) => {
      pool[row * rows * time + row * time + i] = weightOf(i);
    });
  }
  const segments = mask.map((real) => real - 1);
  const rotations = rotationFeeds(encoder.ropes, positions);
  return { tokens: ids, positions, types, segments, pool, ...rotations };
}

/** The graph of the case: hidden states, the vectors of length one of a pooling, their product with `wanted`, and all gradients. */
export function encoderGraph(
  encoder: Encoder,
  { rows, time }: Pick<EncoderBatch, 'rows' | 'time'>,
  grads: boolean,
) {
  const graph = new Graph();
  const p = new Parameters(graph, { kind: 'full' });
  const hidden = encoder.hidden(p, encoderInputs(graph, encoder, rows, time));
  const vectors = pooled(hidden, graph.input('pool', 'f32', [rows, rows * time]));
  const unit = unitRows(vectors);
  graph.output('hidden', hidden);
  graph.output('vectors', vectors);
  graph.output('unit', unit);
  const trained = [...p.trainables.values()];
  if (grads) {
    const wanted = graph.input('wanted', 'f32', [rows, encoder.hiddenSize]);
    graph.output('loss', reduceSum(mul(unit, wanted), [0, 1]));
    const found = backward(
      [{ value: unit, grad: wanted }],
      trained.map(({ value }) => value),
    );
    for (const [i, { name }] of trained.entries()) if (found[i]) graph.output(`grad.${name}`, found[i]);
  }
  return { graph, trained };
}

export async function encoderWeights(
  folder: string,
  config: JsonObject,
): Promise<Record<string, Float32Array>> {
  const encoder = readReader(config, await fs.readdir(folder));
  const store = await openSafetensorsFolder(folder);
  try {
    const opened = locateAll(
      { path: folder, kind: 'folder', config, store },
      encoderOutline(encoder),
      encoder,
    );
    if (opened.unused.length > 0) throw new Error(`not used: ${opened.unused.join(', ')}`);
    const names = [...opened.outline.parameters.keys()];
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await readParameter(opened, name)])),
    );
  } finally {
    await store.close();
  }
}

export async function checkEncoder(folder: string, executor: Executor): Promise<Line[]> {
  const config = await readConfig(path.join(folder, 'config.json'));
  const encoder = readReader(config, await fs.readdir(folder));
  const batch = await readEncoderBatch(folder);
  const weights = await encoderWeights(folder, config);
  const expected = await openArrays(path.join(folder, 'expected.safetensors'));
  const { graph, trained } = encoderGraph(encoder, batch, true);
  const program = await executor.compile(graph);
  const run = async (pooling: Pooling) =>
    (await program.run({ ...encoderFeeds(encoder, batch, pooling), ...weights, wanted: batch.wanted }))
      .outputs as Record<string, Float32Array>;
  try {
    const outputs = await run('mean');
    const hidden = outputs.hidden!.map((x, i) =>
      batch.mask[Math.floor(i / encoder.hiddenSize)] === 1 ? x : 0,
    );
    const near = (quantity: string, own: Float32Array, reference: Float32Array, tolerance = 5e-5): Line => ({
      quantity,
      worst: difference(own, reference),
      tolerance,
    });
    const lines = [
      near('hidden states', hidden, await expected.floats('hidden')),
      near('mean', outputs.vectors!, await expected.floats('mean')),
      near('mean of length one', outputs.unit!, await expected.floats('unit'), 1e-5),
      near('cls', (await run('cls')).vectors!, await expected.floats('cls')),
      near('last token', (await run('lasttoken')).vectors!, await expected.floats('lasttoken')),
      near('loss', outputs.loss!, await expected.floats('loss'), 5e-5),
    ];
    const names = expected.names().filter((name) => name.startsWith('grad.'));
    if (names.length !== trained.length)
      throw new Error(`${names.length} gradients for ${trained.length} parameters`);
    for (const name of names) {
      const reference = await expected.floats(name);
      const largest = reference.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      lines.push(near(name, outputs[name]!, reference, 1e-5 * Math.max(1, 10 * largest)));
    }
    return lines;
  } finally {
    await program.release();
    await expected.close();
  }
}
