/**
 * Every field of what a command can be asked for, a training run (run-fields.ts) or other work: its type, range, default and words.
 * What a default is that depends on other fields is decided in ../config.ts.
 */
import { z } from 'zod';
import { documented } from './fields.ts';
import { dataFields, fields, number, path, paths, whole } from './shared-fields.ts';

export { RunFields } from './run-fields.ts';

/** The fields of what looks at data alone, without a model. */
export const DataFields = z.strictObject({ data: fields.data, ...dataFields });

/** The fields of a check of data as they may be given. */
export const DoctorFields = z.strictObject({
  data: fields.data,
  evalData: documented(paths().optional(), {
    about: 'rows to measure on later: they must not be among the others',
    value: 'FILE',
    group: 'Files',
    alsoCalled: ['validation', 'valid-data', 'test-data', 'held-out-data'],
    repeats: true,
  }),
  model: documented(path().optional(), {
    about: 'model whose tokenizer counts the tokens; without it they are estimated',
    value: 'PATH',
    group: 'Files',
    alsoCalled: ['tokenizer'],
  }),
  newTokens: fields.newTokens,
  fix: documented(z.array(z.string().min(1)).min(1).optional(), {
    about: 'fixes to make, separated by commas: names of findings, or all for the safe ones',
    value: 'NAMES',
    group: 'Fixes',
    alsoCalled: ['fixes', 'repair', 'clean', 'mend'],
  }),
  out: documented(path().optional(), {
    about: 'new file for the mended rows (JSON Lines); what undoes it is written beside it',
    value: 'FILE',
    group: 'Fixes',
    alsoCalled: ['output', 'to', 'output-file'],
  }),
  preview: documented(z.boolean().default(false), {
    about: 'show what the fixes would change, and write nothing',
    group: 'Fixes',
    alsoCalled: ['dry-run', 'diff'],
  }),
  overwrite: documented(z.boolean().default(false), {
    about: 'replace --out where it is there already',
    group: 'Fixes',
    alsoCalled: ['force', 'replace'],
  }),
  ...dataFields,
  maxLength: fields.maxLength,
  heldOut: fields.heldOut,
  seed: fields.seed,
  minutes: documented(number(0.01, 1_000_000).optional(), {
    about: 'time that you have for the training; needs --tokens-per-second',
    group: 'Time',
    alsoCalled: ['time', 'time-budget'],
  }),
  tokensPerSecond: documented(number(0.001, 1e9).optional(), {
    about: 'speed of the training on your computer, as `fettle train` shows it',
    group: 'Time',
    alsoCalled: ['speed', 'rate', 'tps'],
  }),
  epochs: documented(number(0.001, 100_000).default(3), {
    about: 'times that the training will go through the rows',
    group: 'Time',
    alsoCalled: ['num-epochs', 'num-train-epochs'],
  }),
});

/** The fields of an evaluation as they may be given. */
export const EvalFields = z.strictObject({
  model: fields.model,
  adapter: fields.adapter,
  data: fields.data,
  split: documented(z.enum(['all', 'held-out']).default('all'), {
    about: 'rows to measure on: all, or those that a run with this seed and share held out',
    group: 'Data',
  }),
  heldOut: fields.heldOut,
  seed: fields.seed,
  ...dataFields,
  maxLength: fields.maxLength,
  tokensPerMicroBatch: fields.tokensPerMicroBatch,
  trainOn: fields.trainOn,
  packing: fields.packing,
  onBadRow: fields.onBadRow,
  threads: fields.threads,
  executor: fields.executor,
  device: fields.device,
});

const runFolder = documented(path(), {
  about: "the run's folder: what --out was when it was trained",
  value: 'FOLDER',
  group: 'Files',
  alsoCalled: ['out', 'output', 'adapter', 'dir'],
});
const untouchedModel = documented(path().optional(), {
  about: 'the untouched model, where it has moved since the training',
  value: 'PATH',
  group: 'Files',
  fallback: 'as the run says',
});

/** The fields of an assessment as they may be given. */
export const AssessFields = z.strictObject({
  run: runFolder,
  model: untouchedModel,
  rows: documented(whole(1, 100_000).optional(), {
    about: 'held-out rows to ask, whatever the time that takes',
    group: 'Questions',
    fallback: '100, fewer where that would take longer than the training did',
    alsoCalled: ['limit', 'n', 'samples', 'num-samples'],
  }),
  seed: fields.seed,
  threads: fields.threads,
  executor: fields.executor,
  device: fields.device,
});

/** The fields of a blind comparison as they may be given. */
export const CompareFields = z.strictObject({
  run: runFolder,
  model: untouchedModel,
  rows: documented(whole(1, 100_000).default(10), {
    about: 'pairs of answers to judge',
    group: 'Questions',
    alsoCalled: ['pairs', 'limit', 'n'],
  }),
  seed: fields.seed,
  threads: fields.threads,
  executor: fields.executor,
  device: fields.device,
});

/** The fields of a blend as they may be given. */
export const BlendFields = z.strictObject({
  run: documented(path(), {
    about: 'the folder of the run whose result is blended with the untouched model',
    value: 'FOLDER',
    group: 'Files',
    alsoCalled: ['adapter', 'from', 'of'],
  }),
  model: untouchedModel,
  out: documented(path(), {
    about: 'the folder of the new run',
    value: 'FOLDER',
    group: 'Files',
    alsoCalled: ['output', 'output-dir', 'to'],
  }),
  strength: documented(number(0, 1).default(0.7), {
    about: 'how much of what training changed is kept: 1 all of it, 0 nothing',
    group: 'Blend',
    value: 'SHARE',
    alsoCalled: ['share', 'weight', 'alpha', 'scale', 'mix', 'ratio', 'adapter-share'],
  }),
  assess: documented(z.boolean().default(true), {
    about: 'compare with the untouched model at the end: what it learned and forgot',
    group: 'Blend',
  }),
  threads: fields.threads,
  executor: fields.executor,
  device: fields.device,
});

/** The fields of a text generation as they may be given. */
export const GenerateFields = z.strictObject({
  model: fields.model,
  adapter: fields.adapter,
  prompt: documented(z.string(), { about: 'what to say to the model', value: 'TEXT', group: 'Text' }),
  system: documented(z.string().optional(), { about: 'system message', value: 'TEXT', group: 'Text' }),
  raw: documented(z.boolean().default(false), {
    about: 'continue the prompt as it is, without the chat template',
    group: 'Text',
    alsoCalled: ['no-chat', 'no-template', 'completion'],
  }),
  maxNewTokens: documented(whole(1, 1_000_000).default(256), {
    about: 'longest answer, in tokens',
    group: 'Sampling',
    alsoCalled: ['max-tokens', 'max-length', 'n-predict', 'num-predict', 'tokens'],
  }),
  temperature: documented(number(0, 10).default(0), {
    about: 'randomness; 0 always takes the most likely token',
    group: 'Sampling',
    alsoCalled: ['temp'],
  }),
  topP: documented(number(0.0001, 1).default(1), {
    about: 'draw from the most likely tokens that together have this probability',
    group: 'Sampling',
    value: 'SHARE',
  }),
  topK: documented(whole(0, 1_000_000).default(0), {
    about: 'draw from this many most likely tokens; 0 for all',
    group: 'Sampling',
  }),
  seed: fields.seed,
  threads: fields.threads,
  executor: fields.executor,
  device: fields.device,
});

/** The fields of an export as they may be given. */
export const ExportFields = z.strictObject({
  run: documented(path().optional(), {
    about: "the run's folder, or an adapter's folder together with --model",
    value: 'FOLDER',
    group: 'Files',
    alsoCalled: ['adapter', 'from', 'checkpoint'],
  }),
  model: documented(path().optional(), {
    about: 'model to export as it is; with --run: where its base model lies now',
    value: 'PATH',
    group: 'Files',
    alsoCalled: ['base', 'base-model'],
  }),
  out: documented(path(), {
    about: 'new folder to write, or for GGUF a new .gguf file',
    value: 'PATH',
    group: 'Files',
    alsoCalled: ['output', 'output-dir', 'to', 'outfile'],
  }),
  as: documented(z.enum(['peft', 'safetensors', 'gguf']), {
    about: 'an adapter folder, a Hugging Face folder, or a GGUF file for Ollama and llama.cpp',
    group: 'Form',
    alsoCalled: ['format', 'form', 'kind'],
  }),
  type: documented(z.enum(['f32', 'f16', 'bf16', 'q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0']).optional(), {
    about: 'type of the weights; those with a q are for GGUF alone',
    group: 'Form',
    fallback: 'f16; f32 for adapters',
    alsoCalled: ['dtype', 'outtype', 'quantize', 'quantise', 'quant', 'quantization', 'precision'],
  }),
  adapterOnly: documented(z.boolean().default(false), {
    about: 'with --as gguf: only the adapter, to use beside its base model',
    group: 'Form',
    alsoCalled: ['lora', 'lora-only'],
  }),
  threads: fields.threads,
  executor: fields.executor,
  device: fields.device,
});
