/** Every field of a training run: its type, range, default and words. What a default is that depends on other fields is decided in ../config.ts. */
import { z } from 'zod';
import { documented } from './fields.ts';
import { LAYER_CHOICE } from './layer-choice.ts';
import { dataFields, fields, number, path, paths, whole } from './shared-fields.ts';

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
  newTokens: fields.newTokens,
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
    about: 'computed again to save memory: nothing, in attention, some layers, or all',
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
  layerwiseUpdate: documented(z.boolean().default(false), {
    about: 'full: update each layer right after its gradient, so one layer has any',
    group: 'Training',
    alsoCalled: [
      'update-per-layer',
      'layer-wise-update',
      'optimizer-in-backward',
      'fused-backward',
      'lomo',
      'adalomo',
    ],
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
    about: 'write the weights of the lowest held-out loss if clearly better than the last',
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
  // no flag, it comes from `fettle blend`: this run is not trained but lies between the untouched model and the result of another run
  blend: z.strictObject({ of: path(), strength: number(0, 1) }).optional(),
});
