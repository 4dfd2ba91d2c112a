/** The lesson's training on this computer, by the speed that was measured: the same operations, in FP32, and whether it fits here so. */
import type { TimeHere, TimeQuestion } from '../../common/api/learn.ts';
import { factsOf, memoryIn, type Sized } from './textbook.ts';

/** What is known of this computer. */
export interface ThisComputer {
  readonly processor: string;
  /** Measured, operations a second in FP32. */
  readonly flops: number;
  readonly memoryBytes: number;
  /** Power that it draws while it trains; null where that is not known. */
  readonly watts: number | null;
  readonly pricePerKwh: number;
  readonly currency: string;
}

/** Seconds, kWh and money for `operations`; power and price of the question win over those of the settings. */
export function timeHere(
  question: Sized<TimeQuestion>,
  operations: number,
  { processor, flops, memoryBytes, currency, ...set }: ThisComputer,
): TimeHere {
  const { watts = set.watts, pricePerKwh = set.pricePerKwh } = question;
  const seconds = operations / flops;
  const kwh = watts === null ? null : (watts * seconds) / 3.6e6;
  const neededBytes = memoryIn(32, factsOf(question));
  return {
    ...{ processor, flops, seconds, kwh, currency },
    cost: kwh === null ? null : kwh * pricePerKwh,
    ...{ memoryBytes, neededBytes, fits: neededBytes <= memoryBytes },
  };
}
