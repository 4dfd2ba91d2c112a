/**
 * What the planner comes to before there are rows, or the model itself: its own search (search.ts) over the example run, for the computer
 * as it is now. The grid of sizes, the command line and the model step all have it from here, so that they say what the plan step says.
 */
import type { MethodFit, ModelNeed, PlanMethod } from '../../common/api/contract.ts';
import type { CasePrice, LengthProfile, PriceCase } from '../../common/protocol/protocol.ts';
import { nameOf } from './device-choice.ts';
import { type DeviceFacts, placeKey } from './devices.ts';
import { estimate, type Grounds } from './estimate.ts';
import { EXAMPLE_ROWS, exampleCase, type PricesOf, plannedCase } from './example-run.ts';
import { lighterThanUsual } from './lighter.ts';
import { type Found, type Price, searchMethod } from './search.ts';
import type { Situation } from './situation.ts';
import { priceOf, situationFor } from './situation-for.ts';

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

/** What each of the models comes to, in their order; null where one cannot be read. Rejects where prices do. */
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
export function exampleSituation(
  about: Pick<CasePrice, 'parameters' | 'contextLength' | 'isHalved' | 'isWhole'>,
  { freeBytes, devices }: Pick<ExampleComputer, 'freeBytes' | 'devices'>,
): Situation {
  const { parameters, contextLength, isHalved, isWhole } = about;
  const { count, tokens, labelled } = EXAMPLE_ROWS;
  const facts = {
    ...{ rows: count, heldOutRows: 0, tokens: count * tokens, labelledTokens: count * labelled },
    ...{ contextLength, isHalved, isWhole, lengths: EXAMPLE_PROFILE },
  };
  return situationFor({
    ...{ facts, parameters, settings: OWN, hasHeldOutFile: false, goal: null, wish: { kind: 'best' } },
    ...{ devices, freeBytes, totalBytes: freeBytes },
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
    ...{ longest: tokens, texts: 0, textTokens: 0, longestText: 0 },
  };
}

function fitOfFound({ draft, price, fit, choice }: Found, { devices }: ExampleComputer): MethodFit {
  const { peakBytes, peakVramBytes = null, totalSeconds: seconds } = price;
  const chosen = devices.find((one) => placeKey(one) === placeKey(choice));
  const isProcessor = choice.device === 'cpu' && choice.executor === 'ort';
  return {
    ...{ fits: fit, peakBytes, vramBytes: peakVramBytes, seconds },
    place: chosen && !isProcessor ? nameOf(chosen) : null,
    lighter: lighterThanUsual(draft.whys),
  };
}
