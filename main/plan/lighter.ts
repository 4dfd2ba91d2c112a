/** Which settings of a draft were made lighter so that it fits: the reasons of the search (search.ts), which it gives for nothing else. */
import type { PlanField, Why, WhyKey } from '../../common/api/contract.ts';
import type { Whys } from './defaults.ts';

/** The settings that the search gives up, in its order. */
const GIVEN_UP: readonly PlanField[] = [
  ...(['tokensPerMicroBatch', 'bits', 'optimizer', 'quant', 'recompute'] as const),
  ...(['layerwiseUpdate', 'masterBits', 'maxLength', 'rank'] as const),
];

const REASONS: ReadonlySet<WhyKey> = new Set([
  ...(['micro-memory', 'bits-memory', 'optimizer-memory', 'quant-memory'] as const),
  ...(['recompute-attention', 'recompute-third', 'recompute-half', 'recompute-block'] as const),
  ...(['layerwise-memory', 'masters-memory', 'length-memory', 'rank-memory'] as const),
]);

export function lighterThanUsual(whys: Whys): Why[] {
  return GIVEN_UP.map((field) => whys[field]).filter(({ key }) => REASONS.has(key));
}
