/**
 * A step beside weights that rest in 16 bits is the step beside the same weights in float32, to the bit: losses and gradients of the
 * reference batch and adapter, for copies of the reference model in both types of 16 bits.
 */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Executor } from '../../main/engine/exec/executor.ts';
import { asFloatType } from '../../main/engine/io/convert.ts';
import { readAdapter } from '../../main/engine/io/peft.ts';
import { writeSafetensors } from '../../main/engine/io/safetensors-write.ts';
import { elementCount } from '../../main/engine/io/tensor-store.ts';
import type { HalfType } from '../../main/engine/ir/dtype.ts';
import { type OpenedModel, openModel } from '../../main/engine/load/open-model.ts';
import { prepareWeights, type Weights } from '../../main/engine/load/weights.ts';
import { type BaseFormat, type Method, onBase, peftName } from '../../main/engine/nn/parameters.ts';
import { gradientStep } from '../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../main/engine/tasks/feeds.ts';
import { paddedBatch, readPadded } from './case.ts';
import { difference, type Line, range } from './compare.ts';

/** Lines for both types of 16 bits of the case in `folder`. */
export async function checkHalves(folder: string, executor: Executor): Promise<Line[]> {
  const lines: Line[] = [];
  for (const type of ['f16', 'bf16'] as const) {
    const copy = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-golden-halves-'));
    try {
      await halved(folder, copy, type);
      const opened = await openModel(copy);
      const step = await stepBeside(opened, folder, executor);
      const [exact, kept] = [await step(null), await step(16)];
      await opened.store.close();
      const isMapped = kept.weights.cacheFile === null;
      const differences = [...exact.values].map(([name, values]) =>
        difference(values, kept.values.get(name)!),
      );
      const worst = isMapped ? Math.max(...differences) : Number.POSITIVE_INFINITY;
      lines.push({ quantity: `${type} at rest: losses and gradients`, worst, tolerance: 0 });
    } finally {
      await fs.rm(copy, { recursive: true });
    }
  }
  return lines;
}

/** The model of a case in 16 bits, without what else its folder holds. */
async function halved(from: string, to: string, type: HalfType): Promise<void> {
  const { store, sources, outline } = await openModel(from);
  const tensors = [...sources].map(([name, { stored }]) => ({
    name: stored,
    dtype: type,
    shape: outline.parameters.get(name)!.shape,
    data: async function* () {
      yield asFloatType(type, await store.readF32(stored));
    },
  }));
  await writeSafetensors(path.join(to, 'model.safetensors'), tensors, { format: 'pt' });
  await store.close();
  await fs.copyFile(path.join(from, 'config.json'), path.join(to, 'config.json'));
}

/** The step of the reference batch with weights kept in so many bits: losses and gradients by name. */
async function stepBeside(opened: OpenedModel, folder: string, executor: Executor) {
  const padded = await readPadded(folder);
  const batch = paddedBatch(padded, range(padded.rows));
  const { tensors } = await readAdapter(path.join(folder, 'adapter'));
  const adapterOf = (module: string) => {
    const found = tensors.get(module);
    return found ? { rank: found.r, scale: found.scale } : null;
  };
  const adapters: Method = { kind: 'lora', dropout: 0, adapterOf };
  const shape = { batch: batch.rowCount, time: batch.rowLength, labels: batch.rows.length };
  return async (bits: BaseFormat | null) => {
    const weights: Weights = await prepareWeights(opened, path.join(opened.path, 'cache'), undefined, bits);
    const { graph, trainables } = gradientStep(opened.model, onBase(adapters, bits, opened.halves), shape);
    const trained = new Map<string, Float32Array>();
    for (const [module, { a, b }] of tensors)
      trained.set(peftName(module, 'A'), a).set(peftName(module, 'B'), b);
    const program = await executor.compile(graph, { weights: weights.source });
    const zeros = trainables.map((one) => [`grad.${one.name}`, new Float32Array(elementCount(one.shape))]);
    const feeds = { ...batchFeeds(opened.model, batch), ...Object.fromEntries([...trained, ...zeros]) };
    const { outputs } = await program.run(feeds);
    await program.release();
    return { weights, values: new Map(Object.entries(outputs as Record<string, Float32Array>)) };
  };
}
