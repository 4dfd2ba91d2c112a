/** What a run will do and take, from its rows and graphs; what a change of a setting leaves alone is kept. */

import { setImmediate } from 'node:timers/promises';
import type { PricedPart, RowFacts, RunPlan } from '../../../../common/protocol/protocol.ts';
import { tooManyThreads } from '../../../processes.ts';
import type { RunConfig } from '../../config/config.ts';
import { fewTestRows } from '../../eval/assess/budget.ts';
import { isMostlyHalved, isMostlyWhole } from '../../load/halved-weights.ts';
import type { OpenedModel } from '../../load/open-model.ts';
import type { JobIo } from '../../load/ready-model.ts';
import { preparationOf } from '../../load/weights.ts';
import { priceRun, stepFacts } from '../../pricing/run-price.ts';
import { dataStamp, type PlannedModel, PlannedModels } from './planned-models.ts';
import { type PlannedRows, RowsOfRuns } from './planned-rows.ts';

export class Planner {
  readonly #models = new PlannedModels();
  readonly #rows = new RowsOfRuns();

  /** The plan of a run with `config`, or of a part of it; rejects when `io.stop` aborts. */
  plan(config: RunConfig, io: JobIo, part: PricedPart = 'all'): Promise<RunPlan> {
    return this.#answer(config, io, async ({ opened }, data) => {
      const executor = await this.#models.executor(config);
      const few = fewTestRows(data.heldOutRows.length);
      const many = executor.device === 'cpu' ? tooManyThreads(config.threads) : null;
      if (many) io.emit({ event: 'warning', code: 'threads', message: many });
      // a question that was given up meanwhile says so now; pricing lets nothing in
      await setImmediate();
      io.stop.throwIfAborted();
      const { run, step } = priceRun(config, { opened, executor, data }, part);
      // a look at the disk, of which memory alone does not hang
      const preparation = part === 'all' ? await preparationOf(config, opened) : null;
      return {
        ...run,
        ...(preparation && { preparation }),
        ...(many && { threadsWarning: many }),
        ...(few && { testRowsWarning: few }),
        ...factsOf(opened, data),
        ...stepFacts(step, opened, data),
      };
    });
  }

  /** The part of it that needs no graph. */
  rows(config: RunConfig, io: JobIo): Promise<RowFacts> {
    return this.#answer(config, io, async ({ opened }, data) => factsOf(opened, data));
  }

  async #answer<Result>(
    config: RunConfig,
    io: JobIo,
    work: (model: PlannedModel, data: PlannedRows) => Promise<Result>,
  ): Promise<Result> {
    try {
      // loading the model may take a while, and seeing that a file is missing takes none
      for (const files of [config.data, config.evalData ?? []]) await dataStamp([files].flat());
      const onOpen = () => io.emit({ event: 'phase', phase: 'load' });
      const model = await this.#models.get(config, io.stop, onOpen);
      return await work(model, await this.#rows.get(config, model, io));
    } finally {
      await this.#models.endRound();
      await this.#rows.endRound();
    }
  }

  /** Gives all memory and files back. */
  async close(): Promise<void> {
    await this.#rows.close();
    await this.#models.close();
  }
}

function factsOf(opened: OpenedModel, data: PlannedRows): RowFacts {
  return {
    rows: data.rows.length,
    heldOutRows: data.heldOutRows.length,
    tokens: data.training.plan(0).tokens,
    labelledTokens: data.labelledTokens,
    contextLength: opened.model.maxPositions,
    isHalved: isMostlyHalved(opened),
    isWhole: isMostlyWhole(opened),
    lengths: data.profile,
    cut: data.cut,
  };
}

/** The planner of a process that stays: what it keeps ends with the process. */
export const livePlanner = new Planner();
