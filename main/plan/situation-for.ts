/**
 * The situation that is planned for, from the engine's facts about the rows and what is known of the computer: window and command line
 * propose the same. Where there are no rows yet, an example run takes their place.
 */
import type { PlanEstimate, PlanPrice, PlanSettings } from '../../common/api/contract.ts';
import type { CasePrice, PriceCase, PricedPart, RowFacts } from '../../common/protocol/protocol.ts';
import { sum } from '../../common/values.ts';
import { isMethod, planSettingsOf, unusual } from './defaults.ts';
import { type DeviceFacts, int8GainOf } from './devices.ts';
import { estimate, type Grounds } from './estimate.ts';
import type { Needs } from './peak-memory.ts';
import { askedOf } from './search.ts';
import { configOf, shapeOf } from './shapes.ts';
import { executorsFor, type Situation } from './situation.ts';

/** Free memory changes all the time; in such steps a proposal does not change with it. */
const FREE_STEP_BYTES = 100e6;
/** Rows by which another model is priced: enough for full micro-batches and some held out. */
const LIKE_ROWS = 200;

/** What is known of a run that is to be proposed. Bytes. */
interface Known extends Pick<Situation, 'hasHeldOutFile' | 'goal' | 'wish' | 'totalBytes'> {
  readonly facts: RowFacts;
  /** What the person has set, by the names of run.json, flat or as a tree. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly devices: readonly DeviceFacts[];
  readonly freeBytes: number;
  readonly repeats?: Situation['repeats'];
}

/** The situation, without models to compare with. */
export function situationFor(known: Known): Situation {
  const { facts, settings, hasHeldOutFile, goal, wish, totalBytes, repeats } = known;
  const own = planSettingsOf(settings);
  const devices = known.devices.map(steady);
  return {
    model: {
      parameters: facts.parameters,
      family: facts.family,
      contextLength: facts.contextLength ?? null,
      isHalved: (facts.isHalved ?? false) && ['auto', 'cpu'].includes(String(settings.device ?? 'auto')),
      isWhole: facts.isWhole ?? false,
    },
    rows: facts.rows + (hasHeldOutFile ? 0 : facts.heldOutRows),
    task: facts.task,
    profile: facts.lengths ?? null,
    hasHeldOutFile,
    goal,
    wish,
    totalBytes,
    devices,
    int8Gain: int8GainOf(devices),
    executors: executorsFor(devices, askedOf({ own }), inSteps(known.freeBytes)),
    own: { ...own, ...(isMethod(settings.method) && { method: settings.method }) },
    ...(repeats !== undefined && { repeats }),
    catalog: [],
  };
}

/** The memory of a card in the same steps as that of the computer. */
function steady(one: DeviceFacts): DeviceFacts {
  const freeBytes = one.card?.freeBytes ?? null;
  return one.card && freeBytes !== null
    ? { ...one, card: { ...one.card, freeBytes: inSteps(freeBytes) } }
    : one;
}

/** Bytes of free memory, in steps of which the last is not full. */
export function inSteps(bytes: number): number {
  return bytes < 10 * FREE_STEP_BYTES ? bytes : Math.floor(bytes / FREE_STEP_BYTES) * FREE_STEP_BYTES;
}

/** The figures of a run as a price with ranges. */
export function priceOf(
  { neededBytes, peakVramBytes, totalSeconds }: PlanEstimate,
  trainableParameters: number,
): PlanPrice {
  return { peakBytes: neededBytes, peakVramBytes, totalSeconds, trainableParameters };
}

/** Another model has its usual settings, and room for rows as long as these: so it is not priced again with each change of a setting. */
export function asUsual(settings: PlanSettings): PlanSettings {
  const maxLength = Math.max(EXAMPLE_TOKENS, 2 ** Math.ceil(Math.log2(settings.maxLength)));
  const rank = settings.rank === null ? null : EXAMPLE_RANK;
  return { ...settings, rank, maxLength, tokensPerMicroBatch: maxLength };
}

/** Rows for the price of another model: all as long as rows may be, which needs most, with answers of the usual share. */
export function likeRows(facts: RowFacts, { maxLength }: PlanSettings): PriceCase['rows'] {
  return { count: LIKE_ROWS, tokens: maxLength, labelled: Math.ceil(labelledShare(facts) * maxLength) };
}

/** Of all tokens before any row is cut, so that it is the same for every limit and split. */
function labelledShare({ lengths, tokens, labelledTokens }: RowFacts): number {
  const all = lengths ? sum(lengths.tokens) + lengths.textTokens : tokens;
  const labelled = lengths ? sum(lengths.labelled) + lengths.textTokens : labelledTokens;
  return all > 0 ? labelled / all : 1;
}

/** Examples, tokens of each, and those of them that are an answer. Once through them. */
export const EXAMPLE_ROWS = { count: 1000, tokens: 300, labelled: 100 } as const;
/** As a run has it where nothing else is set. */
const EXAMPLE_RANK = 16;
const EXAMPLE_TOKENS = 1024;

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
