/** "If you had": the very operations of a run, on the graphics cards that people rent for it. From published figures, nothing measured. */
import type { IfYouHad } from '../../preload/contract.ts';
import type { RunPrice, Work } from '../engine/protocol.ts';
import { assessmentOf } from './assessment.ts';
import { onCard, USUAL_UTILISATION } from './cards.ts';
import { ACCELERATORS } from './gpus.ts';
import { PRICES_CURRENCY, PRICES_FROM } from './hardware-prices.ts';
import { flopsOf } from './time.ts';

/** The cards that people think of first. */
const CARDS = ['a100-80', 'h100-sxm'];

/** Floating point operations of a run: of its steps, its evaluations and the assessment at its end. */
export function runOperations(price: RunPrice): number {
  const { work, steps } = price;
  const training = steps * work.batchesPerStep * operationsOf(work.gradient);
  const evaluation = work.evaluation
    ? work.evaluations * work.evaluationBatches * operationsOf(work.evaluation)
    : 0;
  return training + evaluation + assessmentOf(price, evaluation, training);
}

/** Those of one run of a graph: its matrix products, beside which all else is little. */
function operationsOf({ products }: Work): number {
  return products.reduce((sum, product) => sum + product.count * flopsOf(product), 0);
}

/** A run that needs at most `neededBytes`, on each of the cards. */
export function ifYouHad(price: RunPrice, neededBytes: number): IfYouHad[] {
  const operations = runOperations(price);
  return ACCELERATORS.filter(({ id }) => CARDS.includes(id)).map((card) => {
    const at = (utilisation: number) => onCard(card, { operations, neededBytes, utilisation });
    const [usual, slow, fast] = [
      at(USUAL_UTILISATION.value),
      at(USUAL_UTILISATION.low),
      at(USUAL_UTILISATION.high),
    ];
    const { id, name, memoryBytes, peakFlops, source, pricePerHour, fits } = usual;
    return {
      ...{ id, name, operations, utilisation: USUAL_UTILISATION },
      seconds: { value: usual.seconds, low: fast.seconds, high: slow.seconds },
      cost: { value: usual.cost, low: fast.cost, high: slow.cost },
      ...{ currency: PRICES_CURRENCY, pricePerHour, pricesFrom: PRICES_FROM },
      ...{ memoryBytes, fits, peakFlops, source, restsOn: 'published' },
    };
  });
}
