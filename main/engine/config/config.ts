/**
 * The configurations of jobs, parsed from the rows of common/settings/: complete afterwards, and a saved one parses to itself; what follows
 * from them, such as how frozen weights are kept and how many steps a run has.
 */

import { AppError } from '../../../common/errors.ts';
import {
  ASSESS_SETTINGS,
  CLASSIFY_SETTINGS,
  COMPARE_SETTINGS,
  CURVE_SETTINGS,
  DATA_SETTINGS,
  DOCTOR_SETTINGS,
  ENDPOINT_SETTINGS,
  EVAL_SETTINGS,
  EXPORT_SETTINGS,
  GENERATE_SETTINGS,
  SORTER_SETTINGS,
} from '../../../common/settings/commands.ts';
import { isFormerDevice } from '../../../common/settings/computing.ts';
import { isInt8, isMixed } from '../../../common/settings/row.ts';
import { isSorter } from '../../../common/settings/sorters.ts';
import { RUN_SETTINGS, type RunConfig } from '../../../common/settings/table.ts';
import { say } from '../../../common/words/language.ts';
import { parserOf } from './parse.ts';

export { parserOf, type RunConfig };

/** The file in a run's folder that holds its configuration. */
export const RUN_FILE = 'run.json';

export const parseRunConfig = parserOf(RUN_SETTINGS);
export const parseEvalConfig = parserOf(EVAL_SETTINGS);
export const parseGenerateConfig = parserOf(GENERATE_SETTINGS);
export const parseAssessConfig = parserOf(ASSESS_SETTINGS);
export const parseCompareConfig = parserOf(COMPARE_SETTINGS);
export const parseDataConfig = parserOf(DATA_SETTINGS);
export const parseDoctorConfig = parserOf(DOCTOR_SETTINGS);
export const parseExportConfig = parserOf(EXPORT_SETTINGS);
export const parseClassifyConfig = parserOf(CLASSIFY_SETTINGS);
export const parseSorterConfig = parserOf(SORTER_SETTINGS);
export const parseCurveConfig = parserOf(CURVE_SETTINGS);
export const parseEndpointConfig = parserOf(ENDPOINT_SETTINGS);

export type EvalConfig = ReturnType<typeof parseEvalConfig>;
export type GenerateConfig = ReturnType<typeof parseGenerateConfig>;
export type AssessConfig = ReturnType<typeof parseAssessConfig>;
export type DataConfig = ReturnType<typeof parseDataConfig>;
export type DoctorConfig = ReturnType<typeof parseDoctorConfig>;
export type ExportConfig = ReturnType<typeof parseExportConfig>;
export type ClassifyConfig = ReturnType<typeof parseClassifyConfig>;
export type SorterConfig = ReturnType<typeof parseSorterConfig>;
export type CurveConfig = ReturnType<typeof parseCurveConfig>;
export type EndpointConfig = ReturnType<typeof parseEndpointConfig>;

/** Whether a run trains adapters beside frozen weights. */
export function hasAdapter({ method }: { readonly method: 'lora' | 'qlora' | 'full' }): boolean {
  return method !== 'full';
}

/** The formats that ir/dtype.ts names. */
type QuantisedFormat = `${'int4' | 'int8' | 'nf4'}${'' | '-dq'}` | 'int8-row';

/** What says how a run keeps its frozen weights. */
export interface BaseSettings {
  readonly bits?: 4 | 8 | 16 | undefined;
  readonly quant?: 'nf4' | undefined;
  readonly doubleQuant?: boolean | undefined;
  readonly precision?: 'auto' | 'f32' | 'f16' | 'int8';
  readonly method?: 'lora' | 'qlora' | 'full';
}

/**
 * How a run keeps its frozen weights: quantised, in the 16 bits of their files (16), or in float32 (null). In mixed precision those that are
 * not quantised have 16.
 */
export function baseFormat(config: BaseSettings): QuantisedFormat | 16 | null {
  const isHalved = (config.bits === 16 && !isInt8(config)) || (config.method === 'lora' && isMixed(config));
  return isHalved ? 16 : quantisedFormat(config);
}

/** The same where weights are quantised, so that results are others; null where they are the model's own. */
export function quantisedFormat(config: BaseSettings): QuantisedFormat | null {
  if (isInt8(config)) return 'int8-row';
  const { bits, quant, doubleQuant } = config;
  if (bits === undefined || bits === 16) return null;
  const codes = quant === 'nf4' ? quant : (`int${bits}` as const);
  return doubleQuant ? `${codes}-dq` : codes;
}

/** In which format weights are judged that were trained on in `trainedIn`: another one only where the person asks for it. */
export function judgedIn<Format extends string | number>(
  precision: EvalConfig['precision'],
  trainedIn: Format | null,
): Format | 'int8-row' | null {
  if (precision === 'int8') return 'int8-row';
  return precision === 'f32' && trainedIn === 'int8-row' ? null : trainedIn;
}

/**
 * The settings of a saved run in today's words: one that was begun before scales could be quantised has them in float32, one from before
 * sheets could be named reads the first sheet, and one from before large files had sections tokenises all rows first, and holds out others.
 * One of a device that is gone goes on on the processor: checkpoints fit all devices.
 */
export function savedSettings(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('method' in input)) return input;
  return {
    ...(input.method === 'qlora' && { doubleQuant: false }),
    sheet: 'first',
    inSections: false,
    ...input,
    ...('device' in input && isFormerDevice(input.device) && { device: 'cpu' }),
  };
}

/** Fails for the saved settings of a sorter, which has no language model. */
export function requireModel(saved: unknown, folder: string): void {
  if (!isSorter(Object(saved))) return;
  throw new AppError(
    'no-model',
    say`${folder} is a sorter, which has no language model.`,
    say`Sort rows with it, or choose a run of a model.`,
  );
}

/** Epochs whose steps are counted one by one; those of longer runs are taken to be like the first one. */
export const COUNTED_EPOCHS = 1000;

/**
 * Optimizer steps of a run: its epochs or its limit, whichever ends first. Epochs may differ by a step, for each packs its
 * rows again: `stepsInEpoch` tells the steps of one, counted from 0.
 */
export function plannedSteps(
  { epochs, maxSteps = Number.POSITIVE_INFINITY }: Pick<RunConfig, 'epochs' | 'maxSteps'>,
  stepsInEpoch: (epoch: number) => number,
): number {
  const whole = Math.floor(epochs ?? 0);
  const counted = Math.min(whole, COUNTED_EPOCHS);
  let steps = epochs === undefined ? maxSteps : 0;
  for (let epoch = 0; epoch < counted && steps < maxSteps; epoch++) steps += stepsInEpoch(epoch);
  if (epochs !== undefined && steps < maxSteps) {
    if (whole > counted) steps += (whole - counted) * stepsInEpoch(0);
    if (epochs > whole) steps += Math.ceil((epochs - whole) * stepsInEpoch(counted));
  }
  return Math.max(1, Math.min(steps, maxSteps));
}

/** Warm-up steps of a run of `steps` steps; a ratio is rounded up, as Transformers does. */
export function plannedWarmup(config: Pick<RunConfig, 'warmupRatio' | 'warmupSteps'>, steps: number): number {
  return config.warmupSteps ?? Math.ceil(config.warmupRatio * steps);
}

const FEWEST_APART = 10;
const MOST_APART = 250;
/** An evaluation takes about half as long as steps over as many tokens, so that five times as many make it a tenth of the time. */
const TENTH_OF_TIME = 5;

/**
 * Steps between evaluations. For `auto` a quarter of an epoch or 250 steps, and more, up to an epoch, where evaluations would take over a
 * tenth of the time: `evaluationBatches` go through the model in each.
 */
export function plannedEvalEvery(
  {
    evalEvery,
    gradientAccumulation,
    splitMicroBatch,
  }: Pick<RunConfig, 'evalEvery' | 'gradientAccumulation' | 'splitMicroBatch'>,
  stepsPerEpoch: number,
  evaluationBatches: number,
): number {
  if (evalEvery !== 'auto') return evalEvery;
  const often = Math.min(stepsPerEpoch / 4, MOST_APART);
  const cheap = (TENTH_OF_TIME * evaluationBatches) / (gradientAccumulation * splitMicroBatch);
  return Math.ceil(Math.max(FEWEST_APART, often, Math.min(cheap, stepsPerEpoch)));
}
