/** What a run will do and take, from its rows and graphs, where a change of a setting leaves alone what is kept; and without rows, from a run whose rows are all alike. */
import { setImmediate } from 'node:timers/promises';
import { AppError } from '../../../../common/errors.ts';
import type {
  CasePrice,
  LengthProfile,
  PriceCase,
  PricedPart,
  RowFacts,
  RunPlan,
} from '../../../../common/protocol/protocol.ts';
import { tooManyThreads } from '../../../processes.ts';
import { parseRunConfig, type RunConfig } from '../../config/config.ts';
import { fewTestRows } from '../../eval/assess/budget.ts';
import { openExecutor } from '../../exec/registry.ts';
import { halvesPromised, isMostlyHalved, isMostlyWhole } from '../../load/halved-weights.ts';
import { type OpenedModel, openModel } from '../../load/open-model.ts';
import { type JobIo, withRowsFor } from '../../load/ready-model.ts';
import { preparationOf, promisedPreparation } from '../../load/weights.ts';
import type { JsonObject } from '../../models/config-reader.ts';
import { outline } from '../../models/model.ts';
import { readModel } from '../../models/registry.ts';
import { sorting } from '../../models/sorting.ts';
import type { KnownModel } from '../../pricing/pricing.ts';
import { priceRun, stepFacts } from '../../pricing/run-price.ts';
import { arrangeRows } from '../../step/arrange-rows.ts';
import { withinModel } from '../../step/run-data.ts';
import { taskOf } from '../../tasks/registry.ts';
import { dataStamp, type PlannedModel, PlannedModels } from './planned-models.ts';
import { type Amount, type PlannedRows, RowsOfRuns } from './planned-rows.ts';

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
      const { generalTokens } = data;
      return {
        ...run,
        ...(preparation && { preparation }),
        ...(generalTokens > 0 && { generalTokens }),
        ...(many && { threadsWarning: many }),
        ...(few && { testRowsWarning: few }),
        ...factsOf(opened, data),
        ...stepFacts(step, opened, data),
      };
    });
  }

  /** The part of it that needs no graph; by a sample of large files counts are estimates. */
  rows(config: RunConfig, io: JobIo, amount: Amount = 'all'): Promise<RowFacts> {
    return this.#answer(config, io, async ({ opened }, data) => factsOf(opened, data), amount);
  }

  async #answer<Result>(
    config: RunConfig,
    io: JobIo,
    work: (model: PlannedModel, data: PlannedRows) => Promise<Result>,
    amount: Amount = 'all',
  ): Promise<Result> {
    try {
      // loading the model may take a while, and seeing that a file is missing takes none
      for (const files of [config.data, config.evalData ?? []]) await dataStamp([files].flat());
      const onOpen = () => io.emit({ event: 'phase', phase: 'load' });
      const model = await this.#models.get(config, io.stop, onOpen);
      return await work(model, await this.#rows.get(config, model, io, amount));
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
  const all = (count: number) => Math.round(count / data.share);
  const { unreadable, tooLong, empty } = data.leftOut;
  return {
    parameters: opened.outline.parameterCount,
    family: opened.model.family,
    task: data.task,
    rows: all(data.rows.length),
    heldOutRows: Math.round(data.heldOutRows.length / data.heldOutShare),
    tokens: all(data.training.plan(0).tokens),
    labelledTokens: all(data.labelledTokens),
    contextLength: opened.model.maxPositions,
    isHalved: isMostlyHalved(opened),
    isWhole: isMostlyWhole(opened),
    lengths: data.profile && wholeProfile(data.profile, all),
    cut: { ...data.cut, truncatedRows: all(data.cut.truncatedRows), lostRows: all(data.cut.lostRows) },
    leftOut: { unreadable: all(unreadable), tooLong: all(tooLong), empty: all(empty) },
  };
}

/** The lengths of all rows, as far as those of a sample tell. */
function wholeProfile(part: LengthProfile, all: (count: number) => number): LengthProfile {
  const [rows, tokens, labelled] = [part.rows, part.tokens, part.labelled].map((counts) => counts.map(all));
  const [texts, textTokens] = [all(part.texts), all(part.textTokens)];
  return { ...part, rows: rows!, tokens: tokens!, labelled: labelled!, texts, textTokens };
}

/** The planner of a process that stays: what it keeps ends with the process. */
export const livePlanner = new Planner();

/** The prices of `cases`; null where a model is not there or cannot be trained. */
export async function pricesOf(
  cases: readonly PriceCase[],
  stop: AbortSignal,
): Promise<(CasePrice | null)[]> {
  const models = new Map<string, Promise<CaseModel | null>>();
  const modelOf = (model: PriceCase['model']) => {
    const key = JSON.stringify(model);
    const found = models.get(key) ?? known(model);
    models.set(key, found);
    return found;
  };
  const prices: (CasePrice | null)[] = [];
  for (const { model, settings, rows, part } of cases) {
    // a cancellation is heard between two of them
    await setImmediate();
    stop.throwIfAborted();
    const opened = await modelOf(model);
    const config = settingsOf(settings);
    prices.push(
      opened && (await priceOf(withHeadOf(config, withTokensOf(config, opened)), config, rows, part)),
    );
  }
  return prices;
}

/** A model, whether its files hold it as it was trained, and what is written before its runs. */
type CaseModel = KnownModel &
  Pick<CasePrice, 'isWhole'> & { prepared(config: RunConfig): ReturnType<typeof preparationOf> };

/** The model, without a look at its weights; null where Fettle cannot train it. */
async function known(model: PriceCase['model']): Promise<CaseModel | null> {
  try {
    if ('path' in model) {
      const opened = await openModel(model.path);
      await opened.store.close();
      return {
        ...opened,
        isWhole: isMostlyWhole(opened),
        prepared: (run) => preparationOf(run, opened),
      };
    }
    const config = model.config as JsonObject;
    const read = readModel(config);
    const found = outline(read);
    // what a config.json alone is known of are models as their makers publish them
    const promised = { config, model: read, outline: found, halves: halvesPromised(config, found) };
    return { ...promised, isWhole: true, prepared: (run) => promisedPreparation(run, promised) };
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** The rows of new tokens lie behind all others: whether the vocabulary has unused ones is not known here. */
function withTokensOf({ newTokens }: RunConfig, opened: CaseModel): CaseModel {
  const place = { first: opened.model.vocabSize, count: newTokens.length };
  return place.count === 0 ? opened : { ...opened, ...withRowsFor(opened, place) };
}

/** Of a head that sorts only the fewest categories are known before rows are: a few thousand numbers more or less. */
function withHeadOf(config: RunConfig, opened: CaseModel): CaseModel {
  if (!taskOf(config).categoriesIn) return opened;
  const model = sorting(opened.model, ['0', '1']);
  return { ...opened, model, outline: outline(model) };
}

/** Nothing is read or written: nobody uses the names of the files. */
function settingsOf(settings: PriceCase['settings']): RunConfig {
  return parseRunConfig({ ...settings, model: 'model', data: 'rows', out: 'run' });
}

async function priceOf(
  opened: CaseModel,
  config: RunConfig,
  { count, tokens, labelled }: PriceCase['rows'],
  part: PriceCase['part'],
): Promise<CasePrice> {
  const length = Math.min(tokens, config.maxLength, opened.model.maxPositions);
  const all = (value: number) => new Uint32Array(count).fill(value);
  const store = {
    count,
    lengths: all(length),
    labelled: all(Math.min(labelled, length)),
    row: () => Promise.reject(new Error('internal: these rows have no tokens')),
    // each row is another one
    hashes: [Uint32Array.from({ length: 2 * count }, (_, i) => i)],
  };
  const executor = await openExecutor(config.executor, { ...config, pricesOnly: true });
  const data = arrangeRows(withinModel(config, opened.model.maxPositions), opened, {
    store,
    evalStore: null,
    replayStore: null,
  });
  const { run, step } = priceRun(config, { opened, executor, data }, part);
  const preparation = part === 'training' ? null : await opened.prepared(config);
  const { parameters, trainableParameters, rowsPerBatch, rowLength } = stepFacts(step, opened, data);
  return {
    ...run,
    parameters,
    trainableParameters,
    rowsPerBatch,
    rowLength,
    ...(preparation && { preparation }),
    ...{
      contextLength: opened.model.maxPositions,
      isHalved: isMostlyHalved(opened),
      isWhole: opened.isWhole,
    },
  };
}
