/**
 * What this computer can fine-tune: sizes of models by methods, each comfortable, tight or too big for the memory that is free,
 * with what it takes. The price of a cell comes from outside, so that this decides nothing but what fits.
 */
import type { Grid, GridCell, Rates } from '../../preload/contract.ts';
import type { CellPrice, GridMethod, PriceOf } from './cell-price.ts';
import { fitOf } from './fit.ts';
import { roughPrice } from './rough-price.ts';

/** What people call the sizes that models come in, and the weights of a model of that size. */
export const GRID_SIZES: readonly { readonly size: string; readonly parameters: number }[] = [
  { size: '135M', parameters: 134.5e6 },
  { size: '360M', parameters: 361.8e6 },
  { size: '0.5B', parameters: 494e6 },
  { size: '1B', parameters: 1.236e9 },
  { size: '1.7B', parameters: 1.711e9 },
  { size: '3B', parameters: 3.213e9 },
  { size: '7–8B', parameters: 8.03e9 },
];
const METHODS: readonly GridMethod[] = ['lora', 'qlora', 'full'];
export const GRID_EXAMPLES = 1000;
export const GRID_TOKENS = 300;

/** The grid for what was measured (null: nothing yet) and the bytes that are free. */
export function planGrid(rates: Rates | null, freeBytes: number): Grid {
  return gridOf(freeBytes, roughPrice(rates, GRID_EXAMPLES * GRID_TOKENS));
}

/** The grid for that price of a cell. */
export function gridOf(freeBytes: number, price: PriceOf): Grid {
  const cells = GRID_SIZES.flatMap(({ size, parameters }) =>
    METHODS.map((method) => cellOf({ size, parameters, method }, price(parameters, method), freeBytes)),
  );
  return { cells, freeBytes, examples: GRID_EXAMPLES, tokens: GRID_TOKENS, sentence: sentenceOf(cells) };
}

function cellOf(
  about: Pick<GridCell, 'size' | 'parameters' | 'method'>,
  price: CellPrice | null,
  freeBytes: number,
): GridCell {
  if (price === null) return { ...about, peakBytes: null, seconds: null, fits: 'not-yet' };
  const { peakBytes, secondsPer1000Examples: seconds } = price;
  return { ...about, peakBytes, seconds, fits: fitOf(peakBytes, freeBytes) };
}

/** "This computer can fine-tune models up to 3B with QLoRA, up to 1B with LoRA." */
function sentenceOf(cells: readonly GridCell[]): string {
  const comfortable = largestByMethod(cells, ['comfortable']);
  if (comfortable.length > 0) return `This computer can fine-tune models ${listed(comfortable)}.`;
  const tight = largestByMethod(cells, ['tight']);
  if (tight.length > 0)
    return `This computer can fine-tune models ${listed(tight)}, but only just: close other programs first.`;
  return 'There is too little free memory to fine-tune even the smallest of these models now. The practice model needs less.';
}

interface Largest {
  readonly size: string;
  readonly parameters: number;
  readonly method: GridMethod;
}

/** The largest size of each method that fits so well, the largest first. */
function largestByMethod(cells: readonly GridCell[], fits: readonly GridCell['fits'][]): Largest[] {
  return METHODS.flatMap((method): Largest[] => {
    const largest = cells.findLast((cell) => cell.method === method && fits.includes(cell.fits));
    return largest ? [largest] : [];
  }).toSorted((a, b) => b.parameters - a.parameters);
}

const METHOD_WORDS: Readonly<Record<GridMethod, string>> = {
  lora: 'LoRA',
  qlora: 'QLoRA',
  full: 'full fine-tuning',
};

function listed(largest: readonly Largest[]): string {
  return largest.map(({ size, method }) => `up to ${size} with ${METHOD_WORDS[method]}`).join(', ');
}
