/**
 * The run that stands for others where there are no rows yet: for the grid of sizes, and for models that are
 * not here yet.
 */
import type { PlanSettings } from '../../common/api/contract.ts';
import type { CasePrice, PriceCase, PricedPart } from '../../common/protocol/protocol.ts';
import { estimate, type Grounds } from './estimate.ts';
import type { Needs } from './fit.ts';
import { unusual } from './run-settings.ts';
import { configOf, shapeOf } from './shapes.ts';

/** Examples, tokens of each, and those of them that are an answer. Once through them. */
export const EXAMPLE_ROWS = { count: 1000, tokens: 300, labelled: 100 } as const;
/** As a run has it where nothing else is set. */
export const EXAMPLE_RANK = 16;
export const EXAMPLE_TOKENS = 1024;

/** What is left out is as a run has it; the device is the processor. */
type ExampleSettings = Pick<PlanSettings, 'method'> &
  Partial<Omit<PlanSettings, 'rank'>> & { readonly rank?: number };

/** What to price: a model that is here by its folder or file, one of the catalog by its shape. */
export function exampleCase(
  model: PriceCase['model'],
  {
    method,
    rank = EXAMPLE_RANK,
    tokensPerMicroBatch = EXAMPLE_TOKENS,
    gradientAccumulation = 1,
    maxLength = EXAMPLE_TOKENS,
    device = 'cpu',
    executor = 'ort',
    ...others
  }: ExampleSettings,
  rows: PriceCase['rows'] = EXAMPLE_ROWS,
): PriceCase {
  const adapters = method === 'full' ? {} : { lora: { rank } };
  return {
    model,
    settings: {
      method,
      ...adapters,
      tokensPerMicroBatch,
      maxLength,
      ...unusual({ method, ...others }),
      ...(gradientAccumulation !== 1 && { gradientAccumulation }),
      ...(device !== 'cpu' && { device }),
      ...(executor !== 'ort' && { executor }),
      epochs: 1,
    },
    rows,
  };
}

/** The case of settings that the planner looks at. */
export function plannedCase(
  model: PriceCase['model'],
  { rank, ...settings }: PlanSettings,
  part: PricedPart = 'all',
): PriceCase {
  const all = exampleCase(model, { ...settings, ...(rank !== null && { rank }) });
  return part === 'all' ? all : { ...all, part };
}

/** The model of the catalog called `repo`, by its shape; null where that is not known. */
export function catalogModel(repo: string): PriceCase['model'] | null {
  const shape = shapeOf(repo);
  return shape && { config: configOf(shape) };
}

/** The prices of cases, in their order; null where a model cannot be read. */
export type PricesOf = (cases: readonly PriceCase[]) => Promise<readonly (CasePrice | null)[]>;

/** The peaks of models of the catalog with those settings, on their device and on rows like these; null where they are not known. */
export async function catalogPeaks(
  repos: readonly string[],
  { rank, gradientAccumulation: _, ...others }: PlanSettings,
  rows: PriceCase['rows'],
  { pricesOf, grounds }: { readonly pricesOf: PricesOf; readonly grounds: Grounds },
): Promise<(Needs | null)[]> {
  const models = repos.map(catalogModel);
  const settings = { ...others, ...(rank !== null && { rank }) };
  const there = models.filter((model) => model !== null);
  const prices = await pricesOf(there.map((model) => exampleCase(model, settings, rows)));
  return models.map((model) => {
    const price = model && prices[there.indexOf(model)];
    if (!price) return null;
    const { neededBytes, peakVramBytes } = estimate(price, grounds);
    return { peakBytes: neededBytes, peakVramBytes };
  });
}
