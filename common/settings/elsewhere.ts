/**
 * What becomes of each setting where a run is trained on another computer with PyTorch: what it is there, which values are refused by
 * name before anything is sent, and which come out differently.
 */
import { say } from '../words/language.ts';
import { ROWS, type RUN_SETTINGS, type RunConfig, valueAt } from './table.ts';

interface Elsewhere {
  /** What it becomes, for docs/clusters.md. */
  readonly to: string;
  /** Why the value can't be trained with elsewhere; settings in braces. */
  refused?(value: never, config: RunConfig): string | false;
  /** How the value differs there. */
  differs?(value: never, config: RunConfig): string | false;
}

const HERE = 'this computer';
const ROWS_HERE = 'this computer: rows are rendered into train.jsonl and eval.jsonl';
const ADAPTER = 'adapter/, which PEFT loads';

const OTHER_ROWS: Readonly<Record<(typeof RUN_SETTINGS)[number]['name'], Elsewhere>> = {
  model: { to: 'model/, or the name and revision on the Hub' },
  data: { to: ROWS_HERE },
  evalData: { to: ROWS_HERE },
  out: { to: `${HERE}: the folder that the result returns to` },
  method: { to: 'PEFT for lora and qlora, all weights for full' },
  bits: {
    to: 'bitsandbytes load_in_4bit or load_in_8bit; 16: the precision that it computes in',
  },
  quant: {
    to: 'bitsandbytes bnb_4bit_quant_type nf4',
    differs: (value: string | undefined, { method, bits }) =>
      method === 'qlora' &&
      bits === 4 &&
      value !== 'nf4' &&
      say`Weights in 4 bits become NF4 there, because bitsandbytes has no evenly spaced format.`,
  },
  doubleQuant: { to: 'bitsandbytes bnb_4bit_use_double_quant' },
  'lora.rank': { to: ADAPTER },
  'lora.alpha': { to: ADAPTER },
  'lora.dropout': {
    to: `${ADAPTER}; it drops other values than here`,
    differs: (value: number, { method }) =>
      method !== 'full' && value > 0 && say`Dropout drops other values there, so losses differ slightly.`,
  },
  'lora.targets': { to: ADAPTER },
  'lora.layers': { to: ADAPTER },
  keepActivations: { to: 'none: frozen layers compute in each pass' },
  'lora.rsLora': { to: ADAPTER },
  'lora.dora': { to: ADAPTER },
  objective: {
    to: 'answers: TRL’s SFTTrainer',
    refused: (value: string | undefined) =>
      value !== undefined && say`{objective} ${value} can be trained on this computer only`,
  },
  beta: { to: 'refused with objective' },
  labelSmoothing: { to: 'refused with objective' },
  targetMargin: { to: 'refused with objective' },
  sftWeight: { to: 'refused with objective' },
  goodWeight: { to: 'refused with objective' },
  badWeight: { to: 'refused with objective' },
  newTokens: {
    to: 'none',
    refused: (value: readonly string[]) =>
      value.length > 0 && say`{newTokens} can be trained on this computer only`,
  },
  replay: {
    to: `${ROWS_HERE}, general ones among them`,
    refused: (value: number, { replayData }) =>
      value > 0 && replayData === undefined && say`{replay} needs {replayData} where it is trained elsewhere`,
  },
  replayData: { to: ROWS_HERE },
  epochs: { to: 'steps.jsonl: the rows of each step' },
  maxSteps: { to: 'steps.jsonl' },
  learningRate: { to: 'learning_rate' },
  look: {
    to: 'none',
    differs: (value: boolean | undefined) =>
      value === true && say`{look}: no rates are tried there; the usual one is taken.`,
  },
  schedule: { to: 'lr_scheduler_type' },
  warmupRatio: { to: 'warmup_steps' },
  warmupSteps: { to: 'warmup_steps' },
  gradientAccumulation: { to: 'steps.jsonl; the processes share the rows of a step' },
  precision: {
    to: 'auto: bfloat16 where the card has it, else float32; f16: float16 with loss scaling',
    refused: (value: string) =>
      value === 'int8' && say`{precision} int8 is a format of this computer; leave it out`,
  },
  recompute: { to: 'gradient_checkpointing, of all layers or none' },
  optimizer: { to: 'adamw_torch; adamw-8bit: adamw_bnb_8bit' },
  masterBits: {
    to: '32',
    refused: (value: number | undefined) =>
      value === 16 && say`{masterBits} 16 can be trained on this computer only; leave it out`,
  },
  layerwiseUpdate: {
    to: 'none',
    refused: (value: boolean | undefined) =>
      value === true && say`{layerwiseUpdate} saves memory on this computer; leave it out`,
  },
  weightDecay: { to: 'weight_decay' },
  stayClose: {
    to: '0',
    refused: (value: number) => value > 0 && say`{stayClose} can be trained on this computer only`,
  },
  beta1: { to: 'adam_beta1' },
  beta2: { to: 'adam_beta2' },
  eps: { to: 'adam_epsilon' },
  maxGradNorm: { to: 'max_grad_norm' },
  map: { to: ROWS_HERE },
  promptTemplate: { to: ROWS_HERE },
  system: { to: `${ROWS_HERE}; before the sample prompts, too` },
  sheet: { to: ROWS_HERE },
  maxLength: { to: ROWS_HERE },
  tokensPerMicroBatch: { to: 'steps.jsonl: at most so many tokens in a process at once' },
  splitMicroBatch: { to: 'steps.jsonl: each micro-batch in so many parts' },
  trainOn: { to: 'labels of -100 where a token is not learned' },
  thinking: { to: 'labels of -100 where a token is not learned' },
  packing: { to: 'steps.jsonl: which rows go together; there they lie side by side, padded' },
  shareBeginnings: { to: 'none: each row computes its own beginning' },
  heldOut: { to: ROWS_HERE },
  onBadRow: { to: ROWS_HERE },
  evalEvery: { to: 'train.py: held-out loss over eval.jsonl' },
  earlyStopping: { to: 'train.py' },
  keepBest: { to: 'train.py; an interval of 95% decides there, too' },
  saveEverySteps: { to: 'train.py' },
  saveEveryMinutes: { to: 'train.py' },
  keepCheckpoints: { to: 'save_total_limit' },
  samplePrompts: { to: 'run.json: rendered to token ids, answered at each evaluation' },
  assess: { to: `${HERE}, when the result is back` },
  thorough: { to: HERE },
  logEvery: { to: 'train.py' },
  rescue: { to: 'none: a failed job says what to change' },
  seed: { to: 'order of the rows, first values of the adapters, and seed' },
  threads: { to: HERE },
  executor: { to: `${HERE}; there PyTorch` },
  device: { to: `${HERE}; there all cards, or the processor` },
  deviceWhy: { to: HERE },
  'blend.of': { to: 'none', refused: () => say`A blend takes no training: make it on this computer` },
  'blend.strength': { to: 'none' },
  'blend.with': { to: 'none' },
  'blend.withStrength': { to: 'none' },
};

type Check = 'refused' | 'differs';

function sentences(config: RunConfig, check: Check): string[] {
  return ROWS.flatMap(({ name }) => {
    const value = valueAt(config, name);
    if (name.startsWith('blend.') && value === undefined) return [];
    const row: Elsewhere = OTHER_ROWS[name as keyof typeof OTHER_ROWS];
    return row[check]?.(value as never, config) || [];
  });
}

/** What the planner chooses for the memory or the speed of this computer: elsewhere it is left open, unless the person has set it. */
const FOR_HERE: readonly string[] = ['precision', 'masterBits', 'layerwiseUpdate', 'look'];

/** Settings of a plan, by names with dots, for a training elsewhere; `own`: those that the person has set. */
export function settingsElsewhere(
  settings: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => !FOR_HERE.includes(name) || name in own),
  );
}

/** Why a run with these settings can't be trained elsewhere; settings in braces. Nothing where it can. */
export const refusedElsewhere = (config: RunConfig): string[] => sentences(config, 'refused');

/** How its numbers differ there from those of this computer. */
export const differsElsewhere = (config: RunConfig): string[] => sentences(config, 'differs');

/** The table in docs/clusters.md. */
export const ELSEWHERE: Readonly<Record<string, Elsewhere>> = OTHER_ROWS;
