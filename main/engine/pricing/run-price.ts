/** What a run will hold and do: the price of its steps, with how often they are taken. */

import type { PricedPart, RunPlan, RunPrice, TextbookFacts } from '../../../common/protocol/protocol.ts';
import { stepsOfLook } from '../../../common/settings/look.ts';
import { hasAdapter, plannedEvalEvery, type RunConfig } from '../config/config.ts';
import {
  affordableAmounts,
  costOf,
  MOST_CLOSED_ROWS,
  MOST_ROWS,
  measuredTraining,
  NEW_TOKEN_COST,
  timeShare,
} from '../eval/assess/budget.ts';
import { NEW_TOKENS } from '../eval/measure.ts';
import { type Executor, takeTurns } from '../exec/executor.ts';
import type { RunRows } from '../step/arrange-rows.ts';
import { accumulates, stepsInEpoch, stepsOfRun } from '../step/batching.ts';
import { keptBytes, whyNotKept } from '../step/kept-activations.ts';
import { methodOf } from '../step/method.ts';
import { momentBytes } from '../step/moments.ts';
import { helperBytes, updateSharing } from '../step/update-threads.ts';
import { taskOf } from '../tasks/registry.ts';
import type { TaskSettings } from '../tasks/task.ts';
import { wayOf } from './layers.ts';
import { type KnownModel, priceStep, type StepPrice } from './pricing.ts';

/** Tokens of a question of the general quiz with its answer, and of a system message; about. */
const QUIZ_TOKENS = { prompt: 40, answer: 24 };
const BASELINE_TOKENS = 60;
const QUIZ_ITEMS = 205;
/** Longer answers come from no closed set. */
const CLOSED_TOKENS = 16;
/** General texts, and tokens of one. */
const PASSAGES = { count: 64, tokens: 105 };
/** Of the questions by ability with all their options: those of a quick comparison, and all. */
export const ABILITY_TOKENS = { quick: 2_560, all: 3_900 };

type AssessedSettings = TaskSettings & Pick<RunConfig, 'method'>;

/** What the assessment costs at its floor and in full, in tokens of a prompt (eval/assess/budget.ts). */
export function assessmentTokens(
  config: AssessedSettings,
  { rows, labelledTokens, training, heldOutRows }: RunRows,
): [number, number] {
  const row = training.plan(0).tokens / rows.length;
  const answer = labelledTokens / rows.length;
  const asked = row + NEW_TOKEN_COST * answer;
  // the base model seldom ends before the limit, a quarter above the longest answer
  const rambling = row + NEW_TOKEN_COST * (2 * answer + 8);
  const costs = {
    after: asked,
    before: rambling,
    training: asked,
    // how many answers are allowed is not known yet
    closed: asked,
    // the examples of a baseline are read once
    baselines: rambling + BASELINE_TOKENS,
    quiz: QUIZ_TOKENS.prompt + NEW_TOKEN_COST * QUIZ_TOKENS.answer,
    passage: PASSAGES.tokens,
  };
  const most = {
    rows: Math.min(MOST_ROWS, heldOutRows.length),
    closedRows: answer > CLOSED_TOKENS ? 0 : Math.min(MOST_CLOSED_ROWS, heldOutRows.length),
    baselineRows: Math.min(MOST_ROWS, heldOutRows.length),
    quizItems: QUIZ_ITEMS,
    passages: PASSAGES.count,
  };
  const { length } = heldOutRows;
  const losses = row * (timesMeasured(config) * length + Math.min(rows.length, measuredTraining(length)));
  const thorough = { ...costs, baselines: costs.baselines + rambling };
  return [
    losses + 2 * ABILITY_TOKENS.quick + costOf(affordableAmounts(most, costs, 0), costs),
    losses + 2 * ABILITY_TOKENS.all + costOf(most, thorough),
  ];
}

/** How often a comparison measures the test rows itself; the rest the training tells (train/train-model.ts). */
function timesMeasured(config: AssessedSettings): number {
  if (taskOf(config).samples !== 'rows') return 2;
  return hasAdapter(config) ? 0 : 1;
}

/**
 * Tokens of all rounds of sample answers: each reads its prompt, a token per four characters, and writes its
 * most.
 */
function sampleTokens({ samplePrompts, system = '' }: RunConfig, rounds: number): number {
  const each = samplePrompts.map(
    (prompt) => Math.ceil((prompt.length + system.length) / 4) + NEW_TOKEN_COST * NEW_TOKENS,
  );
  return rounds * each.reduce((sum, tokens) => sum + tokens, 0);
}

/** What goes through the model for a step: its micro-batches, or the parts of them. */
function partsPerStep({ gradientAccumulation }: RunConfig, { training }: RunRows): number {
  const { batches } = training.plan(0);
  return Math.min(gradientAccumulation, batches) * Math.round(training.parts(0) / batches);
}

function textbookFacts(
  { method, bits, optimizer, recompute }: RunConfig,
  { model, outline }: KnownModel,
  trained: number,
  rowLength: number,
): TextbookFacts {
  const { layers, hiddenSize: width, heads, vocabSize: vocabulary } = model;
  return {
    method,
    parameters: outline.parameterCount,
    trained,
    layers,
    width,
    heads,
    vocabulary,
    rowLength,
    ...((bits === 4 || bits === 8) && { bits }),
    optimizer,
    recompute,
  };
}

/** Measured after loading: SmolLM2's tokenizer takes 18 MB, which the program's share has, Gemma 3's of 262,144 tokens 139 MB. */
const USUAL_TOKENS = 49_152;
const BYTES_PER_TOKEN = 570;

/** What a tokenizer of so many tokens takes beyond a usual one. */
export const tokenizerBytes = (tokens: number): number =>
  BYTES_PER_TOKEN * Math.max(0, tokens - USUAL_TOKENS);

/** What a run keeps of what frozen layers put out for its rows and for its held-out rows. */
const bytesKept = ({ model }: KnownModel, { training, heldOut }: RunRows): number =>
  keptBytes(model, training.plan(0).tokens + (heldOut?.plan(0).tokens ?? 0));

export function priceRun(
  config: RunConfig,
  { opened, executor, data }: { opened: KnownModel; executor: Executor; data: RunRows },
  part: PricedPart = 'all',
): { readonly run: RunPrice; readonly step: StepPrice } {
  const inPass = data.training.sections * stepsInEpoch(data.training, 0, config.gradientAccumulation);
  const steps = stepsOfRun(config, data.training);
  const isKept = whyNotKept(config, opened, executor, steps / inPass) === null;
  const kept = isKept ? ({ kept: 'f16' } as const) : {};
  const heldOut = data.heldOut && { ...data.heldOut.shape(0), ...kept };
  const way = wayOf(config, opened.model);
  const shapes = {
    task: taskOf(config),
    training: {
      ...data.training.shape(0),
      ...kept,
      recompute: config.recompute,
      accumulates: accumulates({ config, batching: data.training, executor }),
      ...(way !== null && { way: { name: way, parts: partsPerStep(config, data) } }),
    },
    evaluation: part === 'all' ? heldOut : null,
  };
  const step = priceStep(opened, methodOf(config, opened), shapes, executor, {
    optimizer: config.optimizer,
    anchored: config.stayClose > 0,
  });
  const evaluationBatches = data.heldOut?.batches(0) ?? 0;
  const every = plannedEvalEvery(config, inPass, evaluationBatches);
  const hasSamples = config.samplePrompts.length > 0;
  const rounds = 1 + Math.ceil(steps / every);
  const evaluations = data.heldOut ? rounds : 0;
  const checkpointBytes = step.trainableParameters * momentBytes(config.optimizer) + step.memory.trainedBytes;
  const takesTurns = takeTurns(executor, step.weightBytes);
  // what answers prompts is two programs: on the processor only pages that are there already
  const forSamples = hasSamples ? (executor.turnsFromBytes === undefined ? 1 : 2) : 0;
  const run: RunPrice = {
    executor: executor.name,
    device: executor.device,
    ...(executor.foundCard && { foundCard: executor.foundCard, stateOnCard: executor.keeps === 'device' }),
    threads: config.threads,
    weightBytes: step.weightBytes,
    memory: {
      ...step.memory,
      tokenizerBytes: tokenizerBytes(opened.model.vocabSize),
      sessionBytes: step.memory.sessionBytes + helperBytes(step.trainableParameters, updateSharing(config)),
      mappings: takesTurns ? 1 : 1 + (data.heldOut ? 1 : 0) + forSamples,
    },
    work: {
      ...step.work,
      batchesPerStep: partsPerStep(config, data),
      evaluationBatches,
      evaluations,
      ...(takesTurns && evaluations > 0 && { takesTurns }),
      evaluationTokens: shapes.evaluation ? shapes.evaluation.batch * shapes.evaluation.time : 0,
      assessmentTokens: config.assess && data.heldOut ? assessmentTokens(config, data) : null,
      assessmentShare: timeShare(config),
      // the newest state with its moments, the best weights at each evaluation, and the result
      writtenBytes:
        checkpointBytes +
        step.memory.trainedBytes * (config.keepBest ? evaluations : 0) +
        // the result is float32
        4 * step.trainableParameters,
      checkpoints: {
        bytes: checkpointBytes,
        everySteps: config.saveEverySteps ?? null,
        everyMinutes: config.saveEveryMinutes,
      },
      ...(step.frozen && {
        frozen: {
          training: step.frozen[0],
          evaluation: step.frozen[1],
          batches: data.training.parts(0),
          bytes: bytesKept(opened, data),
        },
      }),
      ...(hasSamples && {
        samples: {
          tokens: sampleTokens(config, rounds),
          microBatchTokens: shapes.training.batch * shapes.training.time,
        },
      }),
    },
    steps,
    ...(config.look && { lookSteps: 3 * stepsOfLook(steps) }),
    textbook: textbookFacts(config, opened, step.trainableParameters, data.training.shape(0).time),
  };
  return { run, step };
}

/** What a plan says of a step: its size, the shape of its micro-batches, and what it holds and does. */
export function stepFacts(
  step: StepPrice,
  { outline }: Pick<KnownModel, 'outline'>,
  { training }: Pick<RunRows, 'training'>,
): Pick<
  RunPlan,
  | 'parameters'
  | 'trainableParameters'
  | 'rowsPerBatch'
  | 'rowLength'
  | 'stateBytes'
  | 'workingBytes'
  | 'flopsPerBatch'
> {
  const { batch, time } = training.shape(0);
  const { trainableParameters, stateBytes, workingBytes, flops } = step;
  return {
    parameters: outline.parameterCount,
    trainableParameters,
    rowsPerBatch: batch,
    rowLength: time,
    stateBytes,
    workingBytes,
    flopsPerBatch: flops,
  };
}
