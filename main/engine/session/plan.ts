/** What a run will do and take, from its rows and its graphs, without running it. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { RunConfig } from '../config.ts';
import { withModel } from '../load/ready-model.ts';
import { priceRun } from '../pricing/run-price.ts';
import type { EngineEvent, RunPlan } from '../protocol.ts';
import { replayFileFor } from '../train/replay.ts';
import { readRunData } from '../train/run-data.ts';

/** The plan of a run with `config`. */
export async function planRun(
  config: RunConfig,
  io: { emit(event: EngineEvent): void; readonly stop: AbortSignal },
): Promise<RunPlan> {
  return await withModel(config, io.emit, async (model) => {
    const { opened, tokenizer, executor } = model;
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-plan-'));
    const replayFile = await replayFileFor(config, model, io);
    const data = await readRunData(config, { opened, tokenizer, folder, replayFile, ...io });
    try {
      const shape = data.training.shape(0);
      const { run, step } = priceRun(config, { opened, executor, data });
      return {
        ...run,
        parameters: opened.outline.parameterCount,
        trainableParameters: step.trainableParameters,
        rows: data.rows.length,
        heldOutRows: data.heldOutRows.length,
        tokens: data.training.plan(0).tokens,
        labelledTokens: data.labelledTokens,
        rowsPerBatch: shape.batch,
        rowLength: shape.time,
        stateBytes: step.stateBytes,
        workingBytes: step.workingBytes,
        flopsPerBatch: step.flops,
        contextLength: opened.model.maxPositions,
        lengths: data.store.profile,
      };
    } finally {
      await data.close();
      await fs.rm(folder, { recursive: true, force: true });
    }
  });
}
