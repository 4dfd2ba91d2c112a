/** What the settings of several commands are made of: kinds of values, and fields that mean the same everywhere. */
import { z } from 'zod';
import { documented } from './fields.ts';

/** The kinds of values that settings have, with their limits. */
export const path = () => z.string().min(1);
export const paths = () => z.union([path(), z.array(path()).min(1)]);
export const whole = (min: number, max: number) => z.int().min(min).max(max);
export const number = (min: number, max: number) => z.number().min(min).max(max);

/** Fields that several commands share. */
export const fields = {
  model: documented(path(), {
    about: 'Hugging Face folder or .gguf file of the model',
    value: 'PATH',
    group: 'Files',
  }),
  adapter: documented(path().optional(), {
    about: "adapter to apply: a folder as PEFT writes it, or a run's folder",
    value: 'FOLDER',
    group: 'Files',
  }),
  data: documented(paths(), {
    about: 'files or folders with the rows (.jsonl, .csv, .xlsx, .parquet, .txt, …)',
    value: 'FILE',
    group: 'Files',
    alsoCalled: ['dataset', 'train-data', 'train-file', 'train', 'file', 'input'],
    repeats: true,
  }),
  maxLength: documented(whole(8, 1_048_576).optional(), {
    about: 'tokens of a row; longer rows are cut off and counted',
    group: 'Data',
    fallback: '1024',
    alsoCalled: ['row-length', 'max-seq-length', 'max-tokens', 'context', 'cutoff-len'],
  }),
  tokensPerMicroBatch: documented(whole(8, 1_048_576).optional(), {
    about: 'tokens that go through the model at once; sets the memory needed',
    group: 'Data',
    fallback: '1024, or --max-length where that is more',
    alsoCalled: ['batch-size', 'micro-batch-size', 'batch', 'per-device-train-batch-size'],
  }),
  trainOn: documented(z.enum(['answers', 'all']).default('answers'), {
    about: 'tokens that the loss counts: answers of the assistant, or all',
    group: 'Data',
    alsoCalled: ['train-on-inputs', 'completion-only', 'assistant-only'],
  }),
  packing: documented(z.boolean().default(true), {
    about: 'put several short rows side by side; they do not see each other',
    group: 'Data',
  }),
  newTokens: documented(z.union([z.string().min(1), z.array(z.string().min(1))]).optional(), {
    about: 'text that becomes one token with weights of its own; may be repeated',
    value: 'TEXT',
    group: 'Data',
    flag: 'new-token',
    alsoCalled: [
      ...['new-tokens', 'add-tokens', 'added-tokens', 'special-tokens', 'additional-special-tokens'],
      ...['trainable-token-indices', 'extra-tokens'],
    ],
    repeats: true,
  }),
  heldOut: documented(number(0, 1_000_000_000).optional(), {
    about: 'rows held out to measure on: a share up to 0.9, or a number; 0 for none',
    group: 'Data',
    fallback: '0.1',
    value: 'SHARE',
    alsoCalled: ['test-size', 'val-size', 'validation-split', 'eval-split'],
  }),
  onBadRow: documented(z.enum(['stop', 'skip']).default('stop'), {
    about: 'what to do at an unreadable row: stop, or skip and count it',
    group: 'Data',
  }),
  seed: documented(whole(0, 0xffffffff).default(42), {
    about: 'seed of everything random; the same seed repeats the same run',
    group: 'Machine',
  }),
  threads: documented(whole(1, 1024).optional(), {
    about: 'threads to compute with; results repeat to the bit at the same number',
    group: 'Machine',
    fallback: 'physical cores',
    alsoCalled: ['num-threads', 'workers', 'cpus', 'jobs'],
  }),
  executor: documented(z.enum(['ort', 'reference', 'tfjs']).default('ort'), {
    about: 'what computes: onnxruntime, TensorFlow.js, or plain loops (for checking)',
    group: 'Machine',
    alsoCalled: ['backend', 'engine', 'tensorflow', 'tensorflow-js'],
  }),
  device: documented(z.enum(['auto', 'cpu', 'webgpu', 'cuda', 'dml']).default('auto'), {
    about: 'the processor, or a graphics card through WebGPU, CUDA or DirectML (dml)',
    group: 'Machine',
    alsoCalled: ['provider', 'gpu', 'accelerator', 'execution-provider'],
  }),
};

/** How the records of data files become rows; the same for every command that reads data. */
export const dataFields = {
  map: documented(z.string().min(1).optional(), {
    about: 'which columns are what: prompt=subject+body,answer=label or text=body',
    value: 'COLUMNS',
    group: 'Data',
    fallback: 'detected',
    alsoCalled: [
      ...['mapping', 'columns', 'column-map', 'fields', 'prompt-column', 'answer-column', 'label-column'],
      ...['text-column', 'text-field', 'dataset-text-field', 'input-column', 'output-column'],
    ],
  }),
  promptTemplate: documented(z.string().min(1).optional(), {
    about: 'prompt made of columns, such as "Sort this message: {subject} {body}"',
    value: 'TEXT',
    group: 'Data',
    alsoCalled: ['template', 'prompt-format', 'input-template', 'format'],
  }),
  system: documented(z.string().min(1).optional(), {
    about: 'system message for every row that has none',
    value: 'TEXT',
    group: 'Data',
    alsoCalled: ['system-prompt', 'system-message'],
  }),
  sheet: documented(z.string().min(1).optional(), {
    about: 'sheet of an Excel workbook that has several, by its name',
    value: 'NAME',
    group: 'Data',
    fallback: 'the one that looks most like rows to train on',
    alsoCalled: ['worksheet', 'sheet-name', 'tab'],
  }),
};
