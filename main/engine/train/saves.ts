/** The checkpoints of a run that lasts, and which weights it ends with. */

import path from 'node:path';
import type { DoneEvent } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { writeFileAtomic } from '../../atomic.ts';
import { requireFreeBytes } from '../../folders.ts';
import { baseFormat, hasAdapter, type RunConfig } from '../config/config.ts';
import { writeModelFolder, writeTokenizerOf } from '../export/write-model.ts';
import { type AdapterTokens, writeAdapter } from '../io/peft.ts';
import { ADAPTER_FOLDER, MODEL_FOLDER } from '../load/adapter.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { readParameter } from '../load/parameter-pieces.ts';
import { isWrapped } from '../models/family.ts';
import { SORTING_HEAD } from '../models/sorting.ts';
import { peftName, savedWholeName, tokenRowsName } from '../nn/parameters.ts';
import { layerOf } from '../step/method.ts';
import type { TrainState } from '../step/state.ts';
import { checkpointBytes, readBest, writeCheckpoint } from './checkpoint.ts';
import type { RunningCursor } from './cursor.ts';
import { isClearlyBetter } from './evaluation.ts';
import { flushMetrics } from './run-folder.ts';
import type { Stepper, TrainingParts } from './run-parts.ts';

/** Fails where the disk has no room for a checkpoint and the result: hours later nothing could be saved. */
export async function requireRoom({
  config,
  state,
  data,
}: Pick<TrainingParts, 'config' | 'state' | 'data'>): Promise<void> {
  const { all, parameters } = checkpointBytes(state);
  const best = config.keepBest && data.heldOut ? parameters : 0;
  await requireFreeBytes(config.out, all + best + parameters, say`This training`);
}

export class Saves {
  readonly #parts: TrainingParts;
  readonly #cursor: RunningCursor;
  readonly #stepper: Stepper;
  #savedAt = performance.now();
  #savedStep: number;

  constructor(parts: TrainingParts, cursor: RunningCursor, stepper: Stepper) {
    this.#parts = parts;
    this.#cursor = cursor;
    this.#stepper = stepper;
    this.#savedStep = parts.cursor?.step ?? -1;
  }

  get isDue(): boolean {
    const { saveEverySteps, saveEveryMinutes } = this.#parts.config;
    const { step } = this.#cursor;
    if (saveEverySteps !== undefined && step > 0 && step % saveEverySteps === 0) return true;
    return saveEveryMinutes > 0 && performance.now() - this.#savedAt >= saveEveryMinutes * 60_000;
  }

  /** A checkpoint of this step, if there is one, does not know of an evaluation that came after it. */
  outdate(): void {
    this.#savedStep = -1;
  }

  /** Writes a checkpoint and gives its path; null where this step has one. */
  async save(): Promise<string | null> {
    const { config, state, emit } = this.#parts;
    const cursor = this.#cursor;
    if (this.#savedStep === cursor.step) return null;
    Object.assign(cursor, this.#stepper.saved);
    await flushMetrics(config.out);
    const { path, bytes } = await writeCheckpoint(config.out, state, cursor, config.keepCheckpoints);
    this.#savedAt = performance.now();
    this.#savedStep = cursor.step;
    emit({ event: 'checkpoint', step: cursor.step, path, bytes });
    return path;
  }

  /**
   * Puts the weights that the run ends with into the state; true where they are the best step's, not the
   * last's.
   */
  async takeFinalWeights(): Promise<boolean> {
    const { config, state, emit } = this.#parts;
    const { bestStep, step } = this.#cursor;
    const best = this.#isBestKept() ? await readBest(config.out, bestStep, state) : null;
    if (best === 'damaged') {
      const message = say`The best weights (step ${bestStep}) are damaged on the disk, so the result has those of step ${step}.`;
      emit({ event: 'warning', code: 'checkpoint-damaged', message });
    }
    if (best === 'read') return true;
    await state.fetch(['param']);
    return false;
  }

  #isBestKept(): boolean {
    const { config, data } = this.#parts;
    const { bestLoss, bestStep, step } = this.#cursor;
    if (!config.keepBest || bestLoss === null || bestStep === step) return false;
    const store = data.evalStore ?? data.store;
    const labelled = data.heldOutRows.map((row) => store.labelled[row]!);
    return isClearlyBetter(this.#cursor, labelled, config.seed);
  }
}

/** Writes the parameters in `state` and the run's summary; gives the folder of the result. */
export async function writeResult(
  config: RunConfig,
  opened: OpenedModel,
  state: TrainState,
  done: DoneEvent,
): Promise<string> {
  const lora = hasAdapter(config);
  const folder = path.join(config.out, lora ? ADAPTER_FOLDER : MODEL_FOLDER);
  if (lora) await writeLora(folder, config, opened, state);
  else {
    const trained = new Set(state.trainables.map(({ name }) => name));
    await writeModelFolder(folder, opened, async (name) =>
      trained.has(name) ? state.values(name) : await readParameter(opened, name),
    );
  }
  await flushMetrics(config.out);
  await writeFileAtomic(
    path.join(config.out, 'result.json'),
    `${JSON.stringify({ ...done, result: folder }, null, 2)}\n`,
  );
  return folder;
}

function newTokensOf({ added, outline }: OpenedModel, state: TrainState): AdapterTokens | null {
  if (!added) return null;
  const rows = [...outline.tables].map((table) => {
    return [table.replace(/\.weight$/, ''), state.slice('param', tokenRowsName(table))] as const;
  });
  return { texts: added.texts, first: added.first, rows: new Map(rows) };
}

/** What the description of a run's adapter on `modules` has of the run's settings. */
export function adapterSettings(
  { lora: { rank, alpha, dropout, layers, rsLora, dora } }: RunConfig,
  { model }: OpenedModel,
  modules: readonly string[],
) {
  return {
    r: rank,
    loraAlpha: alpha ?? 2 * rank,
    loraDropout: dropout,
    fanInFanOut: model.transposedLinears,
    useRslora: rsLora,
    useDora: dora,
    rankPattern: {},
    alphaPattern: {},
    layers: layers === undefined ? null : [...new Set(modules.map((module) => layerOf(module)!))],
  };
}

async function writeLora(
  folder: string,
  config: RunConfig,
  opened: OpenedModel,
  state: TrainState,
): Promise<void> {
  const { targets, dora } = config.lora;
  const names = new Set(state.trainables.map(({ name }) => name));
  const modules = [...opened.outline.linears.keys()].filter((module) => names.has(peftName(module, 'A')));
  const targetModules =
    targets === 'all-linear' ? [...new Set(modules.map((module) => module.split('.').at(-1)!))] : targets;
  const tensors = modules.map((module) => {
    const part = (which: Parameters<typeof peftName>[1]) => state.slice('param', peftName(module, which));
    const magnitude = dora && { magnitude: part('magnitude') };
    return [module, { a: part('A'), b: part('B'), r: config.lora.rank, ...magnitude }] as const;
  });
  const description = {
    ...adapterSettings(config, opened, modules),
    targetModules,
    baseModel: opened.path,
    base: baseFormat(config),
    inWrapper: isWrapped(opened.config),
  };
  const { categories } = opened.model;
  const head = categories && {
    categories,
    weights: state.slice('param', savedWholeName(SORTING_HEAD)),
  };
  await writeAdapter(folder, description, new Map(tensors), 'f32', newTokensOf(opened, state), head);
  if (opened.added) await writeTokenizerOf(folder, opened);
}
