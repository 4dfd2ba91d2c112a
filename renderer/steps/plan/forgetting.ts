/**
 * How likely a run is to damage what the model knew, judged by its settings before it begins: by what is known to make models
 * forget (all weights trained, a very small model, large steps, many passes) and what protects them (general rows mixed in, a pull back).
 */
export type Risk = 'low' | 'medium' | 'high';

export interface RiskFacts {
  readonly method: 'lora' | 'full';
  /** Weights of the model. */
  readonly parameters: number;
  readonly learningRate: number;
  /** The usual rate for this model and method, and the usual number of passes. */
  readonly usualRate: number;
  readonly epochs: number;
  readonly usualEpochs: number;
  readonly replay: number;
  readonly stayClose: number;
}

export type RiskReason = 'lora' | 'full' | 'small' | 'fast' | 'long' | 'replay' | 'stay-close';

export interface ForgettingRisk {
  readonly risk: Risk;
  readonly reasons: readonly RiskReason[];
}

/** Points of each reason; a sum of 1 or less is low, of 3 or more is high. */
const POINTS: Readonly<Record<RiskReason, number>> = {
  lora: 0.5,
  full: 2,
  small: 1.5,
  fast: 2,
  long: 1,
  replay: -1.5,
  'stay-close': -1,
};

/** The practice model can lose half of its quiz to a run at a high rate (docs/log/practice-model.md); larger ones keep far more. */
const SMALL = 20e6;

export function forgettingRisk(facts: RiskFacts): ForgettingRisk {
  const { method, parameters, learningRate, usualRate, epochs, usualEpochs, replay, stayClose } = facts;
  const all: readonly [RiskReason, boolean][] = [
    [method, true],
    ['small', parameters < SMALL],
    ['fast', learningRate > 2 * usualRate],
    ['long', epochs > 2 * usualEpochs],
    ['replay', replay > 0],
    ['stay-close', stayClose > 0],
  ];
  const reasons = all.filter(([, applies]) => applies).map(([reason]) => reason);
  const points = reasons.reduce((sum, reason) => sum + POINTS[reason], 0);
  return { risk: points <= 1 ? 'low' : points < 3 ? 'medium' : 'high', reasons };
}
