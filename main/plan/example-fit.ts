/**
 * What this computer can fine-tune before there are rows, or the model itself: the planner's own search (search.ts) over the example run,
 * for single models and for a grid of sizes by methods. All have it from here, so that they say what the plan step says.
 */
import type { Grid, GridCell, MethodFit, ModelNeed, PlanMethod } from '../../common/api/contract.ts';
import type { CasePrice, LengthProfile, PriceCase, RowFacts } from '../../common/protocol/protocol.ts';
import { lighterThanUsual } from '../../common/settings/plan.ts';
import { listOf } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import { nameOf, placesToPrice } from './device-choice.ts';
import { type DeviceFacts, placeKey } from './devices.ts';
import { estimate, type Grounds } from './estimate.ts';
import { type DraftOnDevice, type Price, searchMethod } from './search.ts';
import { configOf, parametersOf, shapeOf } from './shapes.ts';
import type { Situation } from './situation.ts';
import {
  EXAMPLE_ROWS,
  exampleCase,
  type PricesOf,
  plannedCase,
  priceOf,
  situationFor,
} from './situation-for.ts';

/** The computer that it is for, as it is now. */
export interface ExampleComputer {
  /** Of its own memory. */
  readonly freeBytes: number;
  /** The processor first; a graphics card counts where it was measured, as it does for a plan. */
  readonly devices: readonly DeviceFacts[];
  /** What is known here of runs through an executor on a device. */
  readonly groundsOf: (executor: string, device: string) => Grounds;
}

/** As wide as the engine counts them, so that the limit on rows is that of the plan step. */
const BIN_TOKENS = 64;
/** Once through the rows: what a time says then is what a pass takes. */
const OWN = { epochs: 1 } as const;

/** What each of the models takes, in their order; null where one cannot be read. Rejects where prices do. */
export async function fitsOf(
  models: readonly PriceCase['model'][],
  computer: ExampleComputer,
  pricesOf: PricesOf,
): Promise<(ModelNeed | null)[]> {
  const maxLength = EXAMPLE_PROFILE.rows.length * BIN_TOKENS;
  // asked for together: what most of the searches begin with, and what tells of each model how its files hold it
  const facts = await pricesOf(models.map((model) => exampleCase(model, { method: 'lora', maxLength })));
  return Promise.all(
    models.map((model, i) => {
      const about = facts[i];
      return about ? fitsOfModel(model, about, computer, pricesOf) : null;
    }),
  );
}

async function fitsOfModel(
  model: PriceCase['model'],
  about: CasePrice,
  computer: ExampleComputer,
  pricesOf: PricesOf,
): Promise<ModelNeed> {
  const situation = exampleSituation(about, computer);
  const price: Price = async (settings, part) => {
    const [found] = await pricesOf([plannedCase(model, settings, part)]);
    if (!found) throw new Error('internal: a model that had a price has none with other settings');
    const { executor, device = 'cpu' } = found;
    return priceOf(estimate(found, computer.groundsOf(executor, device)), found.trainableParameters);
  };
  const fitOfMethod = async (method: PlanMethod) =>
    fitOfFound(await searchMethod(method, situation, price), computer);
  const [lora, qlora, full] = await Promise.all([
    fitOfMethod('lora'),
    fitOfMethod('qlora'),
    fitOfMethod('full'),
  ]);
  return { lora, qlora, full };
}

/** The example run as the planner sees a run whose rows have been counted. */
function exampleSituation(
  about: Pick<CasePrice, 'parameters' | 'contextLength' | 'isHalved' | 'isWhole'>,
  { freeBytes, devices }: Pick<ExampleComputer, 'freeBytes' | 'devices'>,
): Situation {
  const { parameters, contextLength, isHalved, isWhole } = about;
  const { count, tokens, labelled } = EXAMPLE_ROWS;
  const facts: RowFacts = {
    parameters,
    task: 'free',
    rows: count,
    heldOutRows: 0,
    tokens: count * tokens,
    labelledTokens: count * labelled,
    contextLength,
    isHalved,
    isWhole,
    lengths: EXAMPLE_PROFILE,
  };
  return situationFor({
    facts,
    settings: OWN,
    hasHeldOutFile: false,
    goal: null,
    wish: { kind: 'best' },
    devices,
    freeBytes,
    totalBytes: freeBytes,
  });
}

/** The lengths of the example rows, whose answers stand at their ends, as the engine counts those of real ones. */
export const EXAMPLE_PROFILE: LengthProfile = profileOfRows();

function profileOfRows(): LengthProfile {
  const { count, tokens, labelled } = EXAMPLE_ROWS;
  const bins = Array.from({ length: Math.ceil(tokens / BIN_TOKENS) }, (_, bin) => bin * BIN_TOKENS);
  const within = (first: number, bin: number) =>
    count * Math.max(0, Math.min(tokens, bin + BIN_TOKENS) - Math.max(first, bin));
  return {
    binTokens: BIN_TOKENS,
    rows: bins.map((bin) => (bin + BIN_TOKENS >= tokens ? count : 0)),
    tokens: bins.map((bin) => within(0, bin)),
    labelled: bins.map((bin) => within(tokens - labelled, bin)),
    longest: tokens,
    texts: 0,
    textTokens: 0,
    longestText: 0,
  };
}

function fitOfFound({ draft, price, fit, choice }: DraftOnDevice, { devices }: ExampleComputer): MethodFit {
  const { peakBytes, peakVramBytes = null, totalSeconds: seconds } = price;
  const chosen = devices.find((one) => placeKey(one) === placeKey(choice));
  const isProcessor = choice.device === 'cpu' && choice.executor === 'ort';
  return {
    fits: fit,
    peakBytes,
    vramBytes: peakVramBytes,
    seconds,
    place: chosen && !isProcessor ? nameOf(chosen) : null,
    lighter: lighterThanUsual(draft.whys),
  };
}

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
    return METHODS.map((method): GridCell => ({ ...about, method, ...paced(fits[i]?.[method] ?? NOT_YET) }));
  });
  const { count: examples, tokens } = EXAMPLE_ROWS;
  const { freeBytes } = computer;
  return { cells, freeBytes, examples, tokens, sentence: sentenceOf(cells), basis: basisOf(computer) };
}

type CellFit = Omit<GridCell, 'size' | 'parameters' | 'model' | 'method'>;

/** Seconds of a pass from which on nobody would call it comfortable. */
const SLOW_SECONDS = 86_400;

function paced(cell: CellFit): CellFit {
  const isSlow = cell.fits === 'comfortable' && (cell.seconds?.value ?? 0) > SLOW_SECONDS;
  return isSlow ? { ...cell, fits: 'slow' } : cell;
}

const NOT_YET: CellFit = {
  fits: 'not-yet',
  peakBytes: null,
  vramBytes: null,
  seconds: null,
  place: null,
  lighter: [],
};

/** On what the cells are counted: a graphics card that nothing has measured is left out, and said to be. */
function basisOf({ devices }: Pick<ExampleComputer, 'devices'>): string {
  const [, ...cards] = placesToPrice(devices).map(
    (place) => devices.find((one) => placeKey(one) === placeKey(place))!,
  );
  if (cards.length > 0)
    return say`Estimated for the processor and ${listOf(cards.map(nameOf))}, whichever is faster.`;
  const waiting = devices.filter(({ obstacle, measured, card }) => !obstacle && !measured && card !== null);
  return waiting.length > 0
    ? say`Estimated for the processor alone. Not measured yet: ${listOf(waiting.map(nameOf))}.`
    : say`Estimated for the processor.`;
}

/** "This computer can tune models up to 3B." */
function sentenceOf(cells: readonly GridCell[]): string {
  const comfortable = largest(cells, 'comfortable');
  if (comfortable !== null) return say`This computer can tune models up to ${comfortable}.`;
  const tight = largest(cells, 'tight');
  if (tight !== null)
    return say`This computer can only just tune models up to ${tight}. Close other programs first.`;
  const slow = largest(cells, 'slow');
  if (slow !== null) return say`This computer can tune models up to ${slow}, but needs days for it.`;
  return say`There is too little free memory, even for the smallest of these models. The practice model needs less.`;
}

/** The largest size that fits so well by any method. */
function largest(cells: readonly GridCell[], fits: GridCell['fits']): string | null {
  return cells.findLast((cell) => cell.fits === fits)?.size ?? null;
}
