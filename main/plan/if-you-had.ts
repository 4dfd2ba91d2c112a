/** "If you had": the very operations of a run, on the graphics cards that people rent for it. From published figures, nothing measured. */
import type { IfYouHad } from '../../common/api/contract.ts';
import type { RunPrice, Work } from '../../common/protocol/protocol.ts';
import { assessmentOf } from './assessment.ts';
import { onCard, USUAL_UTILISATION } from './cards.ts';
import { ACCELERATORS } from './gpus.ts';
import { PRICES_CURRENCY, PRICES_FROM } from './hardware-prices.ts';
import { memoryIn } from './textbook.ts';
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

/** A run on each of the cards; none where its price is from before its memory on them could be told. */
export function ifYouHad(price: RunPrice): IfYouHad[] {
  if (!price.textbook) return [];
  const operations = runOperations(price);
  const neededBytes = memoryIn(16, price.textbook);
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
      ...{ memoryBytes, neededBytes, fits, peakFlops, source, restsOn: 'published' },
    };
  });
}
