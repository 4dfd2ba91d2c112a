/**
 * The configuration of a job: one schema for the UI, the command line and saved runs, so that defaults, ranges and
 * explanations are written once. Values that depend on others (the learning rate on the method, alpha on the rank)
 * are filled in when a configuration is parsed: a parsed configuration is complete, and a saved one parses to itself.
 */
import type { z } from 'zod';
import { physicalCores } from './cores.ts';
import { parseWith } from './errors.ts';
import type { FieldName } from './fields.ts';
import { checkNewTokens, listOfTexts } from './new-tokens.ts';
import {
  AssessFields,
  BlendFields,
  CompareFields,
  DataFields,
  DoctorFields,
  EvalFields,
  ExportFields,
  GenerateFields,
  RunFields,
} from './schemas.ts';

/** So many prompts of the person's own may be asked while a model is trained. */
const MOST_PROMPTS = 3;

/** The file in a run's folder that holds its configuration. */
export const RUN_FILE = 'run.json';

const RunSchema = RunFields.superRefine(checkRun).transform(
  ({ bits, quant, doubleQuant, masterBits, layerwiseUpdate, ...given }) => ({
    ...given,
    ...roundingOf(given.method, { bits, quant, doubleQuant }),
    ...mastersOf(masterBits),
    ...layerwiseOf(layerwiseUpdate),
    ...lengths(given),
    ...machine(given),
    ...(given.epochs === undefined && given.maxSteps === undefined ? { epochs: 3 } : {}),
    lora: { ...given.lora, alpha: given.lora.alpha ?? 2 * given.lora.rank },
    learningRate: given.learningRate ?? (hasAdapter(given) ? 2e-4 : 2e-5),
    samplePrompts: [given.samplePrompts ?? []].flat(),
    newTokens: listOfTexts(given.newTokens),
    // always there: a saved run without it is an older one
    sheet: given.sheet ?? 'auto',
    weightDecay: given.weightDecay ?? (hasAdapter(given) ? 0 : 0.01),
    heldOut: given.heldOut ?? (given.evalData === undefined ? 0.1 : 0),
  }),
);

/** A complete training configuration. `epochs` is absent exactly when `maxSteps` alone decides the length. */
export type RunConfig = z.output<typeof RunSchema>;

/** Whether a run trains adapters beside frozen weights. */
export function hasAdapter({ method }: { readonly method: 'lora' | 'qlora' | 'full' }): boolean {
  return method !== 'full';
}

/** The formats that ir/dtype.ts names. */
type QuantisedFormat = `${'int4' | 'int8' | 'nf4'}${'' | '-dq'}`;

/** What says how a run keeps its frozen weights. */
export interface BaseSettings {
  readonly bits?: 4 | 8 | 16 | undefined;
  readonly quant?: 'nf4' | undefined;
  readonly doubleQuant?: boolean | undefined;
  readonly precision?: 'auto' | 'f32' | 'f16';
  readonly method?: 'lora' | 'qlora' | 'full';
}

/**
 * How a run keeps its frozen weights: rounded, in the 16 bits of their files (16), or in float32 (null). In mixed precision those that are
 * not rounded have 16.
 */
export function baseFormat(config: BaseSettings): QuantisedFormat | 16 | null {
  const isHalved = config.bits === 16 || (config.method === 'lora' && isMixed(config));
  return isHalved ? 16 : roundedFormat(config);
}

/** Whether products are computed in float16. `auto` is float32: float16 has not been tried on a real card yet. */
export function isMixed({ precision }: Pick<BaseSettings, 'precision'>): boolean {
  return precision === 'f16';
}

/** Whether frozen weights can stay in 16 bits with what computes: elsewhere they would become float32 when they are read. */
export function keepsHalves({ executor, device = 'auto' }: { executor: string; device?: string }): boolean {
  return executor !== 'tfjs' && (device === 'auto' || device === 'cpu');
}

/** Whether weights can be kept as NF4 with what computes: other devices have no kernels for its words through onnxruntime. */
export function keepsNf4({ executor, device = 'auto' }: { executor: string; device?: string }): boolean {
  return executor === 'tfjs' || device === 'auto' || device === 'cpu';
}

/** The same where weights are rounded, so that results are others; null where they are the model's own. */
export function roundedFormat({ bits, quant, doubleQuant }: BaseSettings): QuantisedFormat | null {
  if (bits === undefined || bits === 16) return null;
  const codes = quant === 'nf4' ? quant : (`int${bits}` as const);
  return doubleQuant ? `${codes}-dq` : codes;
}

/** Left out where it has no meaning; nf4 alone is named. */
interface Rounding {
  bits?: 4 | 8 | 16;
  quant?: 'nf4';
  doubleQuant?: boolean;
}

/** Rounded weights have 4 or 8 bits; those beside which a plain adapter is trained have 16 where that is asked for. */
function roundingOf(
  method: 'lora' | 'qlora' | 'full',
  { bits, quant, doubleQuant }: Pick<z.output<typeof RunFields>, 'bits' | 'quant' | 'doubleQuant'>,
): Rounding {
  if (method === 'qlora') return { bits: bits === 8 ? 8 : 4, ...(quant === 'nf4' && { quant }), doubleQuant };
  return method === 'lora' && bits === 16 ? { bits: 16 } : {};
}

/** Float32, the default, is left out, as in runs of before there was another. */
function mastersOf(masterBits: number | undefined): { masterBits?: 16 } {
  return masterBits === 16 ? { masterBits } : {};
}

/** An update of each layer right after its gradient computes each block again; what is not so is left out, as in runs of before there was another. */
function layerwiseOf(layerwiseUpdate: boolean): { layerwiseUpdate?: true; recompute?: 'block' } {
  return layerwiseUpdate ? { layerwiseUpdate, recompute: 'block' } : {};
}

const EvalSchema = EvalFields.superRefine(checkEval).transform((given) => ({
  ...given,
  ...lengths(given),
  ...machine(given),
  heldOut: given.heldOut ?? 0.1,
}));
export type EvalConfig = z.output<typeof EvalSchema>;

const GenerateSchema = GenerateFields.transform((given) => ({ ...given, ...machine(given) }));
export type GenerateConfig = z.output<typeof GenerateSchema>;

/**
 * The settings of a saved run in today's words: one that was begun before scales could be rounded has them in float32, and one from
 * before sheets could be named reads the first sheet.
 */
export function savedSettings(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('method' in input)) return input;
  return {
    ...(input.method === 'qlora' && { doubleQuant: false }),
    sheet: 'first',
    ...input,
  };
}

/** Checks `input` and fills in what is left out. Throws `AppError('bad-config')` that names every wrong field. */
export function parseRunConfig(input: unknown, name?: FieldName): RunConfig {
  return parseWith(RunSchema, RunFields, input, name);
}

/** Checks `input` and fills in what is left out. Throws `AppError('bad-config')` that names every wrong field. */
export function parseEvalConfig(input: unknown, name?: FieldName): EvalConfig {
  return parseWith(EvalSchema, EvalFields, input, name);
}

/** Checks `input` and fills in what is left out. Throws `AppError('bad-config')` that names every wrong field. */
export function parseGenerateConfig(input: unknown, name?: FieldName): GenerateConfig {
  return parseWith(GenerateSchema, GenerateFields, input, name);
}

const AssessSchema = AssessFields.transform((given) => ({ ...given, ...machine(given) }));
export type AssessConfig = z.output<typeof AssessSchema>;

/** Checks `input` and fills in what is left out. Throws `AppError('bad-config')` that names every wrong field. */
export function parseAssessConfig(input: unknown, name?: FieldName): AssessConfig {
  return parseWith(AssessSchema, AssessFields, input, name);
}

const CompareSchema = CompareFields.transform((given) => ({ ...given, ...machine(given) }));
export type CompareConfig = z.output<typeof CompareSchema>;

/** Checks `input` and fills in what is left out. Throws `AppError('bad-config')` that names every wrong field. */
export function parseCompareConfig(input: unknown, name?: FieldName): CompareConfig {
  return parseWith(CompareSchema, CompareFields, input, name);
}

const BlendSchema = BlendFields.transform((given) => ({ ...given, ...machine(given) }));
export type BlendRequest = z.output<typeof BlendSchema>;

/** Checks `input` and fills in what is left out. Throws `AppError('bad-config')` that names every wrong field. */
export function parseBlendRequest(input: unknown, name?: FieldName): BlendRequest {
  return parseWith(BlendSchema, BlendFields, input, name);
}

export type DataConfig = z.output<typeof DataFields>;

/** Checks `input`. Throws `AppError('bad-config')` that names every wrong field. */
export function parseDataConfig(input: unknown, name?: FieldName): DataConfig {
  return parseWith(DataFields, DataFields, input, name);
}

const DoctorSchema = DoctorFields.superRefine(checkDoctor).transform((given) => ({
  ...given,
  newTokens: listOfTexts(given.newTokens),
  maxLength: given.maxLength ?? 1024,
  heldOut: given.heldOut ?? (given.evalData === undefined ? 0.1 : 0),
}));
export type DoctorConfig = z.output<typeof DoctorSchema>;

/** Checks `input` and fills in what is left out. Throws `AppError('bad-config')` that names every wrong field. */
export function parseDoctorConfig(input: unknown, name?: FieldName): DoctorConfig {
  return parseWith(DoctorSchema, DoctorFields, input, name);
}

const ExportSchema = ExportFields.superRefine(checkExport).transform((given) => ({
  ...given,
  ...machine(given),
}));
export type ExportConfig = z.output<typeof ExportSchema>;

/** Checks `input` and fills in what is left out. Throws `AppError('bad-config')` that names every wrong field. */
export function parseExportConfig(input: unknown, name?: FieldName): ExportConfig {
  return parseWith(ExportSchema, ExportFields, input, name);
}

/** Epochs whose steps are counted one by one; those of longer runs are taken to be like the first one. */
export const COUNTED_EPOCHS = 1000;

/**
 * Optimizer steps of a run: its epochs or its limit, whichever ends first. Epochs may differ by a step, for each packs its
 * rows anew: `stepsInEpoch` tells the steps of one, counted from 0.
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

/** Steps between evaluations: about four an epoch for `auto`, at least ten apart. */
export function plannedEvalEvery(config: Pick<RunConfig, 'evalEvery'>, stepsPerEpoch: number): number {
  return config.evalEvery === 'auto' ? Math.max(10, Math.ceil(stepsPerEpoch / 4)) : config.evalEvery;
}

interface Lengths {
  maxLength?: number | undefined;
  tokensPerMicroBatch?: number | undefined;
}

function lengths(given: Lengths): { maxLength: number; tokensPerMicroBatch: number } {
  const maxLength = given.maxLength ?? Math.min(1024, given.tokensPerMicroBatch ?? 1024);
  return { maxLength, tokensPerMicroBatch: given.tokensPerMicroBatch ?? defaultMicroBatch(maxLength) };
}

/** Tokens of a micro-batch where nobody has said how many: of one row at least. */
export function defaultMicroBatch(maxLength: number): number {
  return Math.max(1024, maxLength);
}

function machine(given: { threads?: number | undefined }): { threads: number } {
  return { threads: given.threads ?? physicalCores() };
}

function checkLengths(given: Lengths, context: z.RefinementCtx): void {
  const { maxLength, tokensPerMicroBatch } = lengths(given);
  if (tokensPerMicroBatch >= maxLength) return;
  context.addIssue({
    code: 'custom',
    path: ['tokensPerMicroBatch'],
    message: `{tokensPerMicroBatch} is ${tokensPerMicroBatch}, but a row may have {maxLength} ${maxLength} tokens and must fit; lower {maxLength} or raise {tokensPerMicroBatch}`,
  });
}

function checkHeldOut(given: { heldOut?: number | undefined }, context: z.RefinementCtx): void {
  const { heldOut } = given;
  if (heldOut === undefined || heldOut <= 0.9 || (heldOut >= 1 && Number.isInteger(heldOut))) return;
  context.addIssue({
    code: 'custom',
    path: ['heldOut'],
    message: `{heldOut} must be a share of the rows from 0 to 0.9, or a whole number of rows; got ${heldOut}`,
  });
}

function checkRun(given: z.output<typeof RunFields>, context: z.RefinementCtx): void {
  checkLengths(given, context);
  checkHeldOut(given, context);
  if (given.earlyStopping > 0 && given.heldOut === 0 && given.evalData === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['earlyStopping'],
      message: '{earlyStopping} watches the held-out loss, but {heldOut} is 0 and there is no {evalData}',
    });
  }
  if (given.bits !== undefined && ![4, 8, 16].includes(given.bits)) {
    const message = `{bits} must be 4, 8 or 16; got ${given.bits}`;
    context.addIssue({ code: 'custom', path: ['bits'], message });
  }
  if (given.quant === 'nf4' && given.method === 'qlora' && (given.bits === 8 || !keepsNf4(given))) {
    const message =
      given.bits === 8
        ? '{quant} nf4 has 16 values, which are {bits} 4; got 8'
        : '{quant} nf4 is for the processor; graphics cards have {quant} int';
    context.addIssue({ code: 'custom', path: ['quant'], message });
  }
  if (given.bits === 16 && !keepsHalves(given) && !isMixed(given)) {
    const message =
      '{bits} 16 is for the processor and the executor ort; others keep frozen weights in float32';
    context.addIssue({ code: 'custom', path: ['bits'], message });
  }
  if (isMixed(given) && given.executor === 'tfjs') {
    const message = '{precision} f16 is for the executor ort; TensorFlow.js computes in float32';
    context.addIssue({ code: 'custom', path: ['precision'], message });
  }
  if (given.masterBits !== undefined && ![16, 32].includes(given.masterBits)) {
    const message = `{masterBits} must be 16 or 32; got ${given.masterBits}`;
    context.addIssue({ code: 'custom', path: ['masterBits'], message });
  }
  if (given.masterBits === 16 && given.method !== 'full') {
    const message =
      '{masterBits} 16 is for {method} full: adapters are small, and frozen weights have {bits}';
    context.addIssue({ code: 'custom', path: ['masterBits'], message });
  }
  if (given.masterBits === 16 && !keepsHalves(given)) {
    const message = '{masterBits} 16 is for the processor and the executor ort; others train in float32';
    context.addIssue({ code: 'custom', path: ['masterBits'], message });
  }
  if (given.masterBits === 16 && isMixed(given)) {
    const message = '{masterBits} 16 does not go with {precision} f16 yet';
    context.addIssue({ code: 'custom', path: ['masterBits'], message });
  }
  if (given.layerwiseUpdate) checkLayerwise(given, context);
  const prompts = [given.samplePrompts ?? []].flat().length;
  if (prompts > MOST_PROMPTS) {
    const message = `{samplePrompts} takes at most ${MOST_PROMPTS} prompts, because each takes time; got ${prompts}`;
    context.addIssue({ code: 'custom', path: ['samplePrompts'], message });
  }
  checkNewTokens(given.newTokens, context);
  if (given.replayData !== undefined && given.replay === 0) {
    const message = '{replayData} is mixed in by {replay}, which is 0: say how much, such as 0.1';
    context.addIssue({ code: 'custom', path: ['replay'], message });
  }
}

function checkLayerwise(given: z.output<typeof RunFields>, context: z.RefinementCtx): void {
  const refuse = (message: string) =>
    context.addIssue({ code: 'custom', path: ['layerwiseUpdate'], message });
  if (given.method !== 'full')
    refuse('{layerwiseUpdate} is for {method} full: the gradients of adapters are small; leave it out');
  if (!keepsHalves(given))
    refuse(
      '{layerwiseUpdate} is for the processor and the executor ort; others update all layers at the end of a step',
    );
  if (isMixed(given))
    refuse(
      '{layerwiseUpdate} does not go with {precision} f16: a step whose gradients overflow is computed again, but the upper layers would have changed by then',
    );
  if (given.recompute !== 'none' && given.recompute !== 'block')
    refuse(
      `{layerwiseUpdate} computes each block again: {recompute} must be block or left out; got ${given.recompute}`,
    );
}

function checkEval(given: z.output<typeof EvalFields>, context: z.RefinementCtx): void {
  checkLengths(given, context);
  checkHeldOut(given, context);
}

function checkDoctor(given: z.output<typeof DoctorFields>, context: z.RefinementCtx): void {
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  checkHeldOut(given, context);
  if (given.fix !== undefined && given.out === undefined && !given.preview)
    refuse('out', '{fix} writes a new file and needs {out} for its name, or {preview} to only look');
  if (given.fix === undefined && (given.out !== undefined || given.preview))
    refuse('fix', '{out} and {preview} go with {fix}, which names what to change');
  checkNewTokens(given.newTokens, context);
  if (given.model === undefined && listOfTexts(given.newTokens).length > 0)
    refuse('newTokens', '{newTokens} needs {model}: without its tokenizer tokens are estimated, not counted');
  if (given.minutes !== undefined && given.tokensPerSecond === undefined)
    refuse('tokensPerSecond', '{minutes} needs {tokensPerSecond}, the speed that `fettle train` shows');
}

function checkExport(given: z.output<typeof ExportFields>, context: z.RefinementCtx): void {
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  if (given.run === undefined && given.model === undefined)
    refuse('run', '{run} is missing: the folder of a run, or {model} for a model that is exported as it is');
  if (given.adapterOnly && given.as !== 'gguf')
    refuse('adapterOnly', '{adapterOnly} goes with {as} gguf; an adapter folder is {as} peft');
  const floats = given.as !== 'gguf' || given.adapterOnly;
  if (floats && given.type?.startsWith('q'))
    refuse(
      'type',
      `{type} must be f32, f16 or bf16 here; ${given.type} is a type of whole models in GGUF files`,
    );
}
