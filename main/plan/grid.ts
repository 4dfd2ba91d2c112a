/**
 * What this computer can fine-tune: sizes of models by methods, each comfortable, tight or too big for the memory that is free,
 * with what it takes. Each size stands for a model of the catalog, whose graphs are priced; the figures are those of a plan.
 */
import type { Grid, GridCell, PlanMethod } from '../../preload/contract.ts';
import type { RunPrice } from '../engine/protocol.ts';
import { estimate, type Grounds } from './estimate.ts';
import { catalogModel, EXAMPLE_ROWS, exampleCase, type PricesOf } from './example-run.ts';
import { fitOf } from './fit.ts';
import { parametersOf, shapeOf } from './shapes.ts';

/** What people call the sizes that models come in, and a model of that size. */
export const GRID_SIZES: readonly { readonly size: string; readonly repo: string }[] = [
  { size: '135M', repo: 'HuggingFaceTB/SmolLM2-135M' },
  { size: '360M', repo: 'HuggingFaceTB/SmolLM2-360M' },
  { size: '0.5B', repo: 'Qwen/Qwen2.5-0.5B' },
  { size: '1B', repo: 'meta-llama/Llama-3.2-1B' },
  { size: '1.7B', repo: 'HuggingFaceTB/SmolLM2-1.7B' },
  { size: '3B', repo: 'meta-llama/Llama-3.2-3B' },
  { size: '7–8B', repo: 'meta-llama/Llama-3.1-8B' },
];
const METHODS: readonly PlanMethod[] = ['lora', 'qlora', 'full'];

/** The prices of the cells by size and method; they are the same on every computer. */
export interface GridPrices {
  of(repo: string, method: PlanMethod): RunPrice | null;
}

/** Asks for the prices of all cells at once. */
export async function gridPrices(pricesOf: PricesOf): Promise<GridPrices> {
  const cells = GRID_SIZES.flatMap(({ repo }) => METHODS.map((method) => ({ repo, method })));
  const prices = await pricesOf(
    cells.map(({ repo, method }) => exampleCase(catalogModel(repo)!, { method })),
  );
  const known = new Map(cells.map(({ repo, method }, i) => [`${repo} ${method}`, prices[i] ?? null]));
  return { of: (repo, method) => known.get(`${repo} ${method}`) ?? null };
}

/** The grid for what is known of this computer and the bytes that are free. */
export function planGrid(prices: GridPrices, grounds: Grounds, freeBytes: number): Grid {
  const cells = GRID_SIZES.flatMap(({ size, repo }) => {
    const shape = shapeOf(repo)!;
    const about = { size, parameters: parametersOf(shape), model: shape.name };
    return METHODS.map((method) => cellOf({ ...about, method }, prices.of(repo, method), grounds, freeBytes));
  });
  const { count: examples, tokens } = EXAMPLE_ROWS;
  return { cells, freeBytes, examples, tokens, sentence: sentenceOf(cells) };
}

function cellOf(
  about: Pick<GridCell, 'size' | 'parameters' | 'model' | 'method'>,
  price: RunPrice | null,
  grounds: Grounds,
  freeBytes: number,
): GridCell {
  if (price === null) return { ...about, peakBytes: null, seconds: null, fits: 'not-yet' };
  const { neededBytes: peakBytes, totalSeconds: seconds } = estimate(price, grounds);
  return { ...about, peakBytes, seconds, fits: fitOf(peakBytes, freeBytes) };
}

/** "This computer can fine-tune models up to 7–8B with QLoRA, up to 1.7B with LoRA." */
export function sentenceOf(cells: readonly GridCell[]): string {
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
  readonly method: PlanMethod;
}

/** The largest size of each method that fits so well, the largest first. */
function largestByMethod(cells: readonly GridCell[], fits: readonly GridCell['fits'][]): Largest[] {
  return METHODS.flatMap((method): Largest[] => {
    const largest = cells.findLast((cell) => cell.method === method && fits.includes(cell.fits));
    return largest ? [largest] : [];
  }).toSorted((a, b) => b.parameters - a.parameters);
}

const METHOD_WORDS: Readonly<Record<PlanMethod, string>> = {
  lora: 'LoRA',
  qlora: 'QLoRA',
  full: 'full fine-tuning',
};

function listed(largest: readonly Largest[]): string {
  return largest.map(({ size, method }) => `up to ${size} with ${METHOD_WORDS[method]}`).join(', ');
}
