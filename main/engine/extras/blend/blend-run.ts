/** A run made of another one without training: weights between the base model and that run's result. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import type { DoneEvent } from '../../../../common/protocol/protocol.ts';
import { say } from '../../../../common/words/language.ts';
import { writeFileAtomic } from '../../../atomic.ts';
import { exists } from '../../../folders.ts';
import { toBundledName } from '../../../paths.ts';
import { peakResidentBytes } from '../../../processes.ts';
import { hasAdapter, RUN_FILE, type RunConfig } from '../../config/config.ts';
import { measureRows } from '../../eval/measure.ts';
import { writeModelFolder, writeTokenizerOf } from '../../export/write-model.ts';
import {
  type AdapterTokens,
  type LoraAdapter,
  type LoraModule,
  readAdapter,
  writeAdapter,
} from '../../io/peft.ts';
import { sizeOfAll } from '../../ir/shape.ts';
import {
  ADAPTER_FOLDER,
  type Computing,
  gainsOf,
  type LoadedAdapter,
  loadAdapter,
  MODEL_FOLDER,
  NO_ADAPTER,
  onDevice,
} from '../../load/adapter.ts';
import { type OpenedModel, withOpened } from '../../load/open-model.ts';
import { readParameter } from '../../load/parameter-pieces.ts';
import { type ReadyModel, withModel } from '../../load/ready-model.ts';
import { isWrapped } from '../../models/family.ts';
import { trainablesOf } from '../../models/model.ts';
import { methodOf } from '../../step/method.ts';
import { type RunData, readRunData } from '../../step/run-data.ts';
import { taskOf } from '../../tasks/registry.ts';
import { addReferences } from '../../train/before-training.ts';
import { identityOf } from '../../train/cursor.ts';
import { startEvent } from '../../train/report.ts';
import type { TrainIo } from '../../train/run-parts.ts';
import { mergeAdapters } from './sum-adapters.ts';

export type BlendConfig = RunConfig & { readonly blend: NonNullable<RunConfig['blend']> };

/** Blends `model` with the result of the run `config.blend.of`, measures it and writes the result. */
export async function blendRun(config: BlendConfig, io: TrainIo, model: ReadyModel): Promise<DoneEvent> {
  const { emit, stop } = io;
  const { opened, tokenizer } = model;
  if (opened.model.categories)
    throw new AppError(
      'bad-usage',
      say`The base model has no head for categories, so there is nothing between it and this run.`,
      say`Choose a run that learned answers.`,
    );
  const source = await resultOf(config, config.blend.of);
  // rows that were mixed in change nothing any more
  const data = await readRunData(
    { ...config, replay: 0 },
    { opened, tokenizer, folder: config.out, stop, emit },
  );
  try {
    await addReferences(config, model, data, io, 0);
    await writeFileAtomic(path.join(config.out, RUN_FILE), `${JSON.stringify(config, toBundledName, 2)}\n`);
    const identity = await identityOf(config, opened, data);
    const trained = sizeOfAll(trainablesOf(opened.model, methodOf(config, opened)));
    const start = startEvent(config, { ...model, data, identity }, { trained, steps: 0 });
    emit({ ...start, blend: config.blend });
    stop.throwIfAborted();
    emit({ event: 'phase', phase: 'save', detail: say`mixing the weights` });
    const result = path.join(config.out, path.basename(source.result));
    const { strength } = config.blend;
    if (config.blend.with !== undefined) await addAdapter(config, source.result, result);
    else if (hasAdapter(config)) await blendAdapter(source.result, strength, result, model);
    else await blendModels(opened, source.result, strength, result);
    stop.throwIfAborted();
    const heldOutLoss = await measured(config, io, model, data);
    const done: DoneEvent = {
      event: 'done',
      steps: 0,
      reason: 'finished',
      trainedTokens: 0,
      trainedTokensPerSecond: 0,
      secondsToFirstStep: null,
      peakRssBytes: peakResidentBytes(),
      finalLoss: null,
      heldOutLoss,
      heldOutLossBefore: source.done.heldOutLossBefore,
      bestStep: 0,
      seconds: (Date.now() - (io.startedAt ?? performance.timeOrigin)) / 1000,
      stepSeconds: null,
      out: config.out,
      result,
    };
    await writeFileAtomic(path.join(config.out, 'result.json'), `${JSON.stringify(done, null, 2)}\n`);
    return done;
  } finally {
    await data.close();
  }
}

/** The result of the run `of`; throws an AppError where it has none of the kind that is blended. */
async function resultOf(
  config: BlendConfig,
  of: string,
): Promise<{ readonly result: string; readonly done: DoneEvent }> {
  const [name, file] = hasAdapter(config)
    ? [ADAPTER_FOLDER, 'adapter_config.json']
    : [MODEL_FOLDER, 'config.json'];
  const result = path.join(of, name);
  const text = await fs.readFile(path.join(of, 'result.json'), 'utf8').catch(() => null);
  if (text !== null && (await exists(path.join(result, file))))
    return { result, done: JSON.parse(text) as DoneEvent };
  throw new AppError(
    'no-run',
    say`The run in ${of} has no result to mix.`,
    say`Let it train to its end first, or choose another run.`,
  );
}

/** The held-out loss of what was written; null where no row is held out. */
async function measured(
  config: BlendConfig,
  io: TrainIo,
  model: ReadyModel,
  { heldOut }: RunData,
): Promise<number | null> {
  if (heldOut === null) return null;
  const lossOf = async (ready: ReadyModel, adapter: LoadedAdapter) => {
    const rows = { task: taskOf(config), batching: heldOut };
    const tell = (fraction: number) => io.emit({ event: 'phase', phase: 'evaluate', fraction });
    return (await measureRows(ready, adapter, rows, io.stop, tell)).loss;
  };
  if (hasAdapter(config))
    return await lossOf(model, await loadAdapter(path.join(config.out, ADAPTER_FOLDER), model));
  const blended = { ...config, model: path.join(config.out, MODEL_FOLDER), newTokens: [] };
  return await withModel(blended, io.emit, (ready) => lossOf(ready, NO_ADAPTER), null, io.stop);
}

/** Writes the adapter in `trained` and that of the other run, each as strongly as `config` says, as one adapter. */
async function addAdapter(config: BlendConfig, trained: string, out: string): Promise<void> {
  const { strength, with: other, withStrength = 1 } = config.blend;
  const { result } = await resultOf(config, other!);
  await mergeAdapters([trained, result], [strength, withStrength], out);
}

/** (1 - s) before + s after, rounded to float32 once; to the bit `before` at 0 and `after` at 1. */
export function between(before: Float32Array, after: Float32Array, strength: number): Float32Array {
  if (strength === 0) return before;
  if (strength === 1) return after;
  return after.map((value, i) => (1 - strength) * before[i]! + strength * value);
}

/** Writes the model between `before` and the trained one in `trainedFolder` into `out`. */
export async function blendModels(
  before: OpenedModel,
  trainedFolder: string,
  strength: number,
  out: string,
): Promise<void> {
  await withOpened(trainedFolder, async (after) => {
    for (const [name, { shape }] of before.outline.parameters) {
      const found = after.outline.parameters.get(name)?.shape;
      if (found?.join() !== shape.join()) throw foreign(trainedFolder, name, found, shape);
    }
    await writeModelFolder(out, before, async (name) =>
      between(await readParameter(before, name), await readParameter(after, name), strength),
    );
  });
}

function foreign(
  folder: string,
  name: string,
  found: readonly number[] | undefined,
  wanted: readonly number[],
): AppError {
  return new AppError(
    'bad-model-weights',
    say`${folder} was not trained from this model: ${name} has the size [${String(found ?? '–')}], not [${String(wanted)}].`,
    say`Choose the model that the run was trained from.`,
  );
}

/** Writes the adapter in `trainedFolder` at `strength` into `out`, for the weights that are `ready`. */
export async function blendAdapter(
  trainedFolder: string,
  strength: number,
  out: string,
  ready: Computing,
): Promise<void> {
  const adapter = await readAdapter(trainedFolder);
  const tensors = await adapterAt(adapter, strength, ready, trainedFolder);
  const { opened } = ready;
  const config = { ...adapter.config, inWrapper: isWrapped(opened.config) };
  await writeAdapter(out, config, tensors, 'f32', await tokensAt(adapter, strength, opened));
  if (opened.added) await writeTokenizerOf(out, opened);
}

/** The rows of new tokens, between those that they began with and the trained ones. */
async function tokensAt(
  { newTokens }: LoraAdapter,
  strength: number,
  { added }: OpenedModel,
): Promise<AdapterTokens | null> {
  if (!newTokens || !added) return null;
  const rows = new Map<string, Float32Array>();
  for (const [table, trained] of newTokens.rows)
    rows.set(table, between(await added.firstRows(`${table}.weight`), trained, strength));
  return { ...newTokens, rows };
}

/**
 * The modules of `adapter` at strength s. LoRA: s B. DoRA, with the gain g of a row: W + s (g (W + B A) - W)
 * is (1 - s + s g) times the row of W + B' A with B' = s g B / (1 - s + s g); its length is the magnitude.
 */
export async function adapterAt(
  { tensors, newTokens }: Pick<LoraAdapter, 'tensors' | 'newTokens'>,
  strength: number,
  ready: Computing,
  folder: string,
): Promise<Map<string, LoraModule>> {
  const trained = onDevice({ tensors, newTokens: newTokens ?? null }, folder, ready);
  if (strength === 1) return new Map(tensors);
  const gains = await gainsOf(trained, ready);
  const factors = new Map(
    [...gains].map(([module, gain]) => [
      module,
      Float64Array.from(gain, (g) => nonZero(1 - strength + strength * g)),
    ]),
  );
  const scaled = new Map<string, LoraModule>();
  for (const [module, one] of tensors) {
    const [gain, factor] = [gains.get(module), factors.get(module)];
    const b = one.b.map((value, i) => {
      const row = Math.floor(i / one.r);
      return value * (gain && factor ? (strength * gain[row]!) / factor[row]! : strength);
    });
    scaled.set(module, { ...one, b, ...(one.magnitude && { magnitude: one.magnitude.map(() => 1) }) });
  }
  // with magnitudes of 1, a gain is one over the length of the row
  const lengths = await gainsOf(
    onDevice({ tensors: scaled, newTokens: newTokens ?? null }, folder, ready),
    ready,
  );
  for (const [module, inverse] of lengths) {
    const factor = factors.get(module)!;
    scaled.set(module, { ...scaled.get(module)!, magnitude: inverse.map((value, i) => factor[i]! / value) });
  }
  return scaled;
}

/** A row of which nothing but B A is left keeps a trace of W, because DoRA can say nothing else. */
const nonZero = (factor: number): number => (factor === 0 ? Number.EPSILON : factor);
