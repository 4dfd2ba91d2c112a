/** What a planned run would take on the computers that a person has named, by their cards and by what they have done. */
import type { TargetEstimate, TargetSpec } from '../../common/api/contract.ts';
import type { RunPlan } from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';
import {
  type CardsThere,
  estimateThere,
  NO_CARD_NAME,
  type PastRun,
  type PlaceThere,
  type WorkThere,
} from '../plan/elsewhere.ts';
import type { FinishedRun } from '../store/store.ts';

/** A target, and what is known of its speed. */
export interface KnownTarget {
  readonly spec: TargetSpec;
  readonly place: PlaceThere;
}

/** What the history and the tests of targets tell of them. */
export function knownTargets(
  specs: readonly TargetSpec[],
  finished: readonly FinishedRun[],
  currency: string,
): KnownTarget[] {
  return specs.map((spec) => ({
    spec,
    place: {
      cards: cardsOf(spec),
      pricePerHour: spec.pricePerHour,
      currency,
      past: finished.flatMap((run) => pastRun(run, spec) ?? []),
    },
  }));
}

export function estimatesElsewhere(
  targets: readonly KnownTarget[],
  plan: RunPlan,
  config: RunConfig,
): TargetEstimate[] {
  const work = workOf(plan, config);
  if (work === null) return [];
  return targets.map(({ spec: { name, host }, place }) => ({ name, host, ...estimateThere(work, place) }));
}

/** The cards that a job gets. A target that was named before its cards were kept was not tested. */
function cardsOf({ cards, gpus, processes, nodes }: TargetSpec): PlaceThere['cards'] {
  if (!cards) return null;
  const computers = nodes ?? 1;
  const each = gpus ?? processes ?? cards.length;
  const [first] = cards;
  if (!first || each === 0) return 'none';
  const bytes = Math.min(...cards.map((card) => card.bytes));
  return { name: first.name, bytes, count: each * computers, computers };
}

/** Null where it was not this target's, or is too old to have what is needed. */
function pastRun({ done, start, config }: FinishedRun, { name, nodes }: TargetSpec): PastRun | null {
  if (start?.target !== name || start.layers === undefined || done.trainedTokensPerSecond <= 0) return null;
  return {
    cards: cardsIn(start.device, nodes ?? 1),
    tokensPerSecond: done.trainedTokensPerSecond,
    work: {
      method: start.method,
      parameters: start.parameters,
      trained: start.trainableParameters,
      layers: start.layers,
      recompute: config.recompute !== undefined && config.recompute !== 'none',
      steps: done.steps,
      batches: config.gradientAccumulation ?? 1,
      tokens: done.trainedTokens,
    },
  };
}

/** From the words of train.py: `4 x NVIDIA A100-SXM4-80GB`, `CPU, 2 processes`. */
function cardsIn(device: string, computers: number): CardsThere {
  const [, processes] = /^CPU, (\d+) processes$/.exec(device) ?? [];
  if (processes !== undefined)
    return { name: NO_CARD_NAME, bytes: null, count: Number(processes), computers };
  const [, count = '1', name = device] = /^(\d+) x (.+)$/.exec(device) ?? [];
  return { name, bytes: null, count: Number(count), computers };
}

function workOf(plan: RunPlan, config: RunConfig): WorkThere | null {
  const { textbook, work, steps, tokens, rowsPerBatch, rowLength } = plan;
  if (!textbook) return null;
  const tokensAtOnce = rowsPerBatch * rowLength;
  return {
    ...textbook,
    recompute: textbook.recompute !== 'none',
    steps,
    batches: work.batchesPerStep,
    // a step limit takes fewer than all epochs, and rows do not fill every place
    tokens: Math.min(
      tokens * (config.epochs ?? Number.POSITIVE_INFINITY),
      steps * work.batchesPerStep * tokensAtOnce,
    ),
    tokensAtOnce,
    evaluatedTokens: work.evaluationTokens * work.evaluationBatches * work.evaluations,
  };
}
