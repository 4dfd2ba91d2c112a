/**
 * What this computer can fine-tune: sizes of models by methods, each comfortable, tight or too big for the memory that is free,
 * with what it takes. Each size stands for a model of the catalog, for which the planner searches as it does for a run (example-fit.ts).
 */
import type { Grid, GridCell, PlanMethod } from '../../common/api/contract.ts';
import { nameOf, placesToPrice } from './device-choice.ts';
import { placeKey } from './devices.ts';
import { type ExampleComputer, fitsOf } from './example-fit.ts';
import { EXAMPLE_ROWS, type PricesOf } from './example-run.ts';
import { configOf, parametersOf, shapeOf } from './shapes.ts';

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

/** The grid for a computer as it is now; rejects where the prices of graphs do. */
export async function planGrid(computer: ExampleComputer, pricesOf: PricesOf): Promise<Grid> {
  const shapes = GRID_SIZES.map(({ repo }) => shapeOf(repo)!);
  const fits = await fitsOf(
    shapes.map((shape) => ({ config: configOf(shape) })),
    computer,
    pricesOf,
  );
  const cells = GRID_SIZES.flatMap(({ size }, i) => {
    const shape = shapes[i]!;
    const about = { size, parameters: parametersOf(shape), model: shape.name };
    return METHODS.map((method): GridCell => ({ ...about, method, ...(fits[i]?.[method] ?? NOT_YET) }));
  });
  const { count: examples, tokens } = EXAMPLE_ROWS;
  const { freeBytes } = computer;
  return { cells, freeBytes, examples, tokens, sentence: sentenceOf(cells), basis: basisOf(computer) };
}

const NOT_YET: Omit<GridCell, 'size' | 'parameters' | 'model' | 'method'> = {
  ...{ fits: 'not-yet', peakBytes: null, vramBytes: null, seconds: null, place: null },
  lighter: [],
};

/** On what the cells are counted: a graphics card that nothing has measured is left out, and said to be. */
function basisOf({ devices }: Pick<ExampleComputer, 'devices'>): string {
  const [, ...cards] = placesToPrice(devices).map(
    (place) => devices.find((one) => placeKey(one) === placeKey(place))!,
  );
  if (cards.length > 0)
    return `Counted for the processor and ${listOf(cards.map(nameOf))}: a cell is of the one that a plan would take.`;
  const waiting = devices.filter(({ obstacle, measured, card }) => !obstacle && !measured && card !== null);
  return waiting.length > 0
    ? `Counted for the processor alone: ${listOf(waiting.map(nameOf))} ${waiting.length > 1 ? 'were' : 'was'} not measured yet.`
    : 'Counted for the processor.';
}

function listOf(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(names);
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
