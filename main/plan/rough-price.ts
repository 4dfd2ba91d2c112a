/**
 * The price of a training from a number of weights alone: what the grid shows before any model is chosen. Memory by the rough
 * sizes of model-shape.ts, time by the multiplications that each weight takes and the measured speed of products of its size.
 */
import type { MatmulRate, RangedFigure, Rates } from '../../preload/contract.ts';
import type { PriceOf } from './cell-price.ts';
import { depthTimesWidth, roughPeakBytes } from './model-shape.ts';

/** Of the adapters, and of a micro-batch. */
const RANK = 16;
const TOKENS = 1024;
/** Operations for a token and weight: two forward, two for the gradient of the values, two for that of trained weights. */
const FLOPS_PER_WEIGHT = { lora: 4, full: 6 } as const;
/** Of the speed of bare matrix products, a whole step reaches about this (docs/log.md: 75 % of its time is products). */
const REACHED = 0.75;
/** How far such estimates are off, either way. */
const MEMORY_SPREAD = 0.25;
const TIME_SPREAD = 0.4;

/** Prices for so many tokens in all; without rates times are not known. */
export function roughPrice(rates: Rates | null, tokens: number): PriceOf {
  const products = rates?.devices.find(({ device }) => device === 'cpu')?.matmul ?? [];
  return (parameters, method) => {
    if (method === 'qlora') return null;
    const flops = flopsAt(products, parameters / (12 * depthTimesWidth(parameters)));
    const seconds =
      flops === null ? null : (FLOPS_PER_WEIGHT[method] * parameters * tokens) / (flops * REACHED);
    return {
      peakBytes: around(roughPeakBytes(parameters, method, RANK, TOKENS), MEMORY_SPREAD, 'formula'),
      secondsPer1000Examples: seconds === null ? null : around(seconds, TIME_SPREAD, 'benchmark'),
    };
  };
}

/** The speed of the plain float32 product whose inner size is nearest to a model's width, with the most rows measured there. */
function flopsAt(products: readonly MatmulRate[], width: number): number | null {
  const plain = products.filter(
    ({ type, batch, inner, columns, transposed }) =>
      type === 'float32' && batch === 1 && transposed === undefined && Math.min(inner, columns) >= 256,
  );
  const distance = ({ inner }: MatmulRate) => Math.abs(Math.log(inner / width));
  const [nearest] = plain.toSorted(
    (a, b) => distance(a) - distance(b) || b.rows - a.rows || b.columns - a.columns,
  );
  return nearest?.flops ?? null;
}

function around(value: number, spread: number, restsOn: RangedFigure['restsOn']): RangedFigure {
  return { value, low: value / (1 + spread), high: value * (1 + spread), restsOn };
}
