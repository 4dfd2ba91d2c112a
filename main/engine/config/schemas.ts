/**
 * Every field of a training run, an evaluation and a text generation: its type, range, default and words. What a
 * default is that depends on other fields is decided in ../config.ts.
 */
import { z } from 'zod';
import { documented } from './fields.ts';
import { LAYER_CHOICE } from './layer-choice.ts';

const path = () => z.string().min(1);
const paths = () => z.union([path(), z.array(path()).min(1)]);
const whole = (min: number, max: number) => z.int().min(min).max(max);
const number = (min: number, max: number) => z.number().min(min).max(max);

const fields = {
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
};

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

const loraFields = z.strictObject({
  rank: documented(whole(1, 4096).default(16), {
    about: 'rank of the adapter matrices',
    group: 'LoRA',
    alsoCalled: ['lora-rank', 'lora-r', 'r'],
  }),
  alpha: documented(number(0.001, 65536).optional(), {
    about: 'scale of the adapter: its output is multiplied by alpha / rank',
    group: 'LoRA',
    fallback: '2 x rank',
    alsoCalled: ['lora-alpha'],
  }),
  dropout: documented(number(0, 0.95).default(0), {
    about: "share of the adapter's inputs that is dropped at random in training",
    group: 'LoRA',
    alsoCalled: ['lora-dropout'],
  }),
  targets: documented(
    z.union([z.literal('all-linear'), z.array(z.string().min(1)).min(1)]).default('all-linear'),
    {
      about: 'layers that get an adapter: all-linear, or names such as q_proj,v_proj',
      value: 'NAMES',
      group: 'LoRA',
      alsoCalled: ['target-modules', 'lora-targets', 'modules'],
    },
  ),
  layers: documented(z.string().regex(LAYER_CHOICE).optional(), {
    about: 'which of the equal layers get adapters, from 0: 8-15, 0,4,8-11, or last-4',
    value: 'LAYERS',
    group: 'LoRA',
    fallback: 'all',
    alsoCalled: ['layers-to-transform', 'lora-layers', 'num-layers', 'layer-subset'],
  }),
  rsLora: documented(z.boolean().default(false), {
    about: 'scale by alpha / sqrt(rank) instead (rank-stabilised LoRA)',
    group: 'LoRA',
    alsoCalled: ['use-rslora', 'rslora'],
  }),
  dora: documented(z.boolean().default(false), {
    about: 'train the lengths of the weights apart from their directions (DoRA)',
    group: 'LoRA',
    alsoCalled: ['use-dora'],
  }),
});

/** The fields of a training run as they may be given; `parseRunConfig` fills in what is left out. */
export const RunFields = z.strictObject({
  model: fields.model,
  data: fields.data,
  evalData: documented(paths().optional(), {
    about: 'rows to measure on, instead of a held-out part of the data',
    value: 'FILE',
    group: 'Files',
    alsoCalled: ['validation', 'valid-data', 'test-data'],
    repeats: true,
  }),
  out: documented(path(), {
    about: "the run's folder: checkpoints, and the result",
    value: 'FOLDER',
    group: 'Files',
    alsoCalled: ['output', 'output-dir', 'save-dir', 'to'],
  }),
  method: documented(z.enum(['lora', 'qlora', 'full']).default('lora'), {
    about: 'train an adapter (lora), one beside rounded weights (qlora), or all (full)',
    group: 'Training',
  }),
  bits: documented(whole(4, 16).optional(), {
    about: 'frozen weights: rounded to 4 or 8 bits (qlora), or 16 as in their files (lora)',
    value: '4|8|16',
    group: 'Training',
    fallback: '4, or float32 with the method lora',
    alsoCalled: ['load-in-4bit', 'load-in-8bit', 'quantization-bit', 'bnb-4bit', 'quantise-bits', 'dtype'],
  }),
  quant: documented(z.enum(['int', 'nf4']).optional(), {
    about: 'codes of 4 bits: even steps (int), or the 16 values of NF4 (smaller, slower)',
    group: 'Training',
    fallback: 'int',
    alsoCalled: ['quant-type', 'bnb-4bit-quant-type', 'quantization-type', 'nf4'],
  }),
  doubleQuant: documented(z.boolean().default(true), {
    about: 'round the scales of rounded weights, too: to 8 bits (qlora)',
    group: 'Training',
    alsoCalled: ['bnb-4bit-use-double-quant', 'double-quantization', 'nested-quant'],
  }),
  lora: loraFields.prefault({}),
  replay: documented(number(0, 0.9).default(0), {
    about: 'share of general rows mixed in, against forgetting; 0.1 is usual',
    group: 'Data',
    value: 'SHARE',
    alsoCalled: ['rehearsal', 'mix', 'mix-general', 'replay-ratio'],
  }),
  replayData: documented(path().optional(), {
    about: "rows to mix in; else the model's replay.jsonl, or its own answers",
    value: 'FILE',
    group: 'Files',
    alsoCalled: ['replay-file', 'general-data'],
  }),
  epochs: documented(number(0.001, 100_000).optional(), {
    about: 'times to go through the rows; a fraction is allowed',
    group: 'Training',
    fallback: '3, or as many as --max-steps needs',
    alsoCalled: ['num-epochs', 'num-train-epochs'],
  }),
  maxSteps: documented(whole(1, 1_000_000_000).optional(), {
    about: 'end after this many steps (with --epochs: at whichever comes first)',
    group: 'Training',
    alsoCalled: ['steps', 'iters', 'num-steps', 'iterations'],
  }),
  learningRate: documented(number(1e-12, 10).optional(), {
    about: 'highest learning rate of the schedule',
    group: 'Training',
    value: 'RATE',
    fallback: '2e-4 for lora, 2e-5 for full',
    alsoCalled: ['lr', 'rate'],
  }),
  schedule: documented(z.enum(['constant', 'linear', 'cosine']).default('cosine'), {
    about: 'how the learning rate falls after the warm-up',
    group: 'Training',
    alsoCalled: ['lr-schedule', 'lr-scheduler-type', 'scheduler'],
  }),
  warmupRatio: documented(number(0, 1).default(0.03), {
    about: 'share of the steps in which the learning rate rises from 0',
    value: 'SHARE',
    group: 'Training',
  }),
  warmupSteps: documented(whole(0, 1_000_000_000).optional(), {
    about: 'the same as a number of steps; wins over the share',
    group: 'Training',
    alsoCalled: ['warmup'],
  }),
  gradientAccumulation: documented(whole(1, 65536).default(1), {
    about: 'micro-batches of a step: larger batches in the same memory',
    group: 'Training',
    alsoCalled: ['gradient-accumulation-steps', 'grad-accum', 'accumulate', 'accumulation'],
  }),
  precision: documented(z.enum(['auto', 'f32', 'f16']).default('auto'), {
    about: 'products in float32, or in float16 with loss scaling, for graphics cards',
    group: 'Training',
    alsoCalled: ['fp16', 'half', 'mixed-precision', 'amp', 'float16', 'half-precision'],
  }),
  recompute: documented(z.enum(['none', 'attention', 'third', 'half', 'block']).default('none'), {
    about: 'computed again to save memory: nothing, in attention, some blocks, or all',
    group: 'Training',
    alsoCalled: ['gradient-checkpointing', 'activation-checkpointing', 'checkpointing', 'grad-checkpoint'],
  }),
  optimizer: documented(z.enum(['adamw', 'adamw-8bit']).default('adamw'), {
    about: 'AdamW, or the same with its moments in 8 bits: 2 bytes a weight and not 8',
    group: 'Training',
    alsoCalled: ['optim', 'optimiser', 'adam', 'adamw-8bit', 'adam-8bit', 'use-8bit-adam', 'adamw-bnb-8bit'],
  }),
  masterBits: documented(whole(16, 32).optional(), {
    about: 'full: all weights in float32, or in 16 bits, rounded by chance',
    value: '16|32',
    group: 'Training',
    fallback: '32',
    alsoCalled: ['master-weights', 'pure-fp16', 'pure-bf16', 'stochastic-rounding', 'half-weights'],
  }),
  weightDecay: documented(number(0, 10).optional(), {
    about: 'weight decay of AdamW',
    group: 'Training',
    fallback: '0 for lora, 0.01 for full',
  }),
  stayClose: documented(number(0, 10_000).default(0), {
    about: 'pull back to where the weights began, against forgetting; 10 is gentle',
    group: 'Training',
    alsoCalled: ['l2-sp', 'anchor', 'regularise', 'keep-close', 'ewc'],
  }),
  beta1: documented(number(0, 0.999999).default(0.9), {
    about: "AdamW's memory of the gradient",
    group: 'Training',
  }),
  beta2: documented(number(0, 0.9999999).default(0.999), {
    about: "AdamW's memory of the squared gradient",
    group: 'Training',
  }),
  eps: documented(number(1e-20, 1).default(1e-8), { about: "AdamW's epsilon", group: 'Training' }),
  maxGradNorm: documented(number(0, 1e9).default(1), {
    about: 'longest gradient; longer ones are scaled down; 0 for no limit',
    group: 'Training',
    alsoCalled: ['clip', 'grad-clip', 'clip-grad-norm', 'max-norm'],
  }),
  ...dataFields,
  maxLength: fields.maxLength,
  tokensPerMicroBatch: fields.tokensPerMicroBatch,
  splitMicroBatch: documented(whole(1, 65536).default(1), {
    about: 'parts that a micro-batch is computed in: less memory, the same numbers',
    group: 'Data',
    alsoCalled: ['split-batch', 'micro-batch-parts', 'auto-find-batch-size'],
  }),
  trainOn: fields.trainOn,
  packing: fields.packing,
  heldOut: fields.heldOut,
  onBadRow: fields.onBadRow,
  evalEvery: documented(z.union([z.literal('auto'), whole(1, 1_000_000_000)]).default('auto'), {
    about: 'steps between evaluations; auto: about four an epoch, ten steps apart or more',
    value: 'N|auto',
    group: 'Evaluation and saving',
    alsoCalled: ['eval-steps', 'val-every', 'steps-per-eval'],
  }),
  earlyStopping: documented(whole(0, 1_000_000).default(0), {
    about: 'end after this many evaluations without a lower held-out loss; 0: never',
    group: 'Evaluation and saving',
    alsoCalled: ['patience', 'early-stop', 'early-stopping-patience'],
  }),
  keepBest: documented(z.boolean().default(true), {
    about: 'write the weights with the lowest held-out loss, not the last ones',
    group: 'Evaluation and saving',
    alsoCalled: ['load-best-model-at-end', 'save-best'],
  }),
  saveEverySteps: documented(whole(1, 1_000_000_000).optional(), {
    about: 'write a checkpoint every N steps',
    group: 'Evaluation and saving',
    alsoCalled: ['save-steps', 'save-every', 'checkpoint-every', 'checkpoint-steps'],
  }),
  saveEveryMinutes: documented(number(0, 100_000).default(5), {
    about: 'write a checkpoint every N minutes; 0 for never',
    group: 'Evaluation and saving',
  }),
  keepCheckpoints: documented(whole(1, 10_000).default(2), {
    about: 'newest checkpoints that are kept',
    group: 'Evaluation and saving',
    alsoCalled: ['save-total-limit', 'checkpoints'],
  }),
  samplePrompts: documented(z.union([z.string().min(1), z.array(z.string().min(1))]).optional(), {
    about: 'your own prompt that the model answers at every evaluation; up to three',
    value: 'TEXT',
    group: 'Evaluation and saving',
    flag: 'sample-prompt',
    alsoCalled: ['sample-prompts', 'prompt', 'prompts', 'sample'],
    repeats: true,
  }),
  assess: documented(z.boolean().default(true), {
    about: 'compare with the untouched model at the end: what it learned and forgot',
    group: 'Evaluation and saving',
    alsoCalled: ['assessment', 'report', 'verdict'],
  }),
  logEvery: documented(whole(1, 1_000_000).default(1), {
    about: 'report every Nth step',
    group: 'Evaluation and saving',
    alsoCalled: ['logging-steps', 'log-steps', 'steps-per-report'],
  }),
  rescue: documented(z.boolean().default(true), {
    about: 'go on by itself with settings that take less, where memory or a device fails',
    group: 'Machine',
    alsoCalled: ['auto-rescue', 'recover', 'retry', 'oom-retry'],
  }),
  seed: fields.seed,
  threads: fields.threads,
  executor: fields.executor,
  device: fields.device,
  // no flag: in a saved run it says that `auto` has become the device beside it, and why
  deviceWhy: z.string().max(2000).optional(),
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
