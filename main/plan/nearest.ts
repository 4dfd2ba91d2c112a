/** Where nothing fits: the changes, one at a time, after which it would. Each is priced by its graphs, other models too. */
import type { Nearest, PlanPrice, PlanSettings } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { RANKS } from '../../common/settings/lora.ts';
import { lengthChoices } from './lengths.ts';
import {
  COMFORTABLE_SHARE,
  fitOf,
  fitOn,
  isHopeless,
  limitsOf,
  type Needs,
  tightest,
} from './peak-memory.ts';
import type { Price, PricedDraft } from './search.ts';
import { executorOf, type PlanExecutor, type Situation } from './situation.ts';

/** The system and other programs need a part of the memory whatever is closed. */
const FREEABLE_SHARE = 0.9;
const LEAST_LENGTH = 64;
const CLOSE_STEP_BYTES = 100e6;

/** The peaks of models of the catalog with those settings, on the device that they name; null where they are not known. */
export type PeaksOf = (
  repos: readonly string[],
  settings: PlanSettings,
) => Promise<readonly (Needs | null)[]>;

/** Changes after which `closest`, the lightest settings that were found, would fit; nearest first. */
export async function nearestTo(
  closest: PricedDraft,
  situation: Situation,
  price: Price,
  peaksOf: PeaksOf,
): Promise<Nearest[]> {
  const { settings } = closest.draft;
  const executor = executorOf(situation, settings);
  const peakIfFits = async (change: Partial<PlanSettings>) => {
    if (isHopeless(settings.method, situation.model, executor.freeBytes)) return null;
    const found = await pricedOrNothing(price, { ...settings, ...change });
    return found && fitOn(found, executor) !== 'too-big' ? tightest(found, executor).peak.value : null;
  };
  const found = [
    closePrograms(closest, situation, executor),
    await smallerBatch(settings, peakIfFits),
    await lessRank(settings, peakIfFits),
    await shorterRows(settings, situation, peakIfFits),
    await smallerModel(closest, situation, executor, peaksOf),
  ];
  return found.filter((one) => one !== null);
}

/** A limit may be so short that no row has an answer within it: then it is no way out. */
async function pricedOrNothing(price: Price, settings: PlanSettings): Promise<PlanPrice | null> {
  try {
    return await price(settings);
  } catch (error) {
    if (error instanceof AppError && error.code === 'no-rows') return null;
    throw error;
  }
}

type PeakIfFits = (change: Partial<PlanSettings>) => Promise<number | null>;

/** What others have of a card's own memory is not known, so nothing is promised of closing them where that does not suffice. */
function closePrograms(
  { price }: PricedDraft,
  { totalBytes }: Situation,
  executor: PlanExecutor,
): Nearest | null {
  const [{ peak, freeBytes }, ...ofCard] = limitsOf(price, executor);
  const needed = peak.value;
  if (needed > FREEABLE_SHARE * totalBytes) return null;
  if (ofCard.some((own) => fitOf(own.peak, own.freeBytes) === 'too-big')) return null;
  const bytes = Math.ceil((needed - freeBytes) / CLOSE_STEP_BYTES) * CLOSE_STEP_BYTES;
  return { kind: 'close-programs', bytes };
}

/** Only where the person has set a larger one: else the search has come down to it by itself. */
async function smallerBatch(
  { tokensPerMicroBatch, maxLength }: PlanSettings,
  peakIfFits: PeakIfFits,
): Promise<Nearest | null> {
  if (tokensPerMicroBatch <= maxLength) return null;
  const peakBytes = await peakIfFits({ tokensPerMicroBatch: maxLength });
  return peakBytes === null ? null : { kind: 'micro-batch', tokens: maxLength, peakBytes };
}

async function lessRank({ rank }: PlanSettings, peakIfFits: PeakIfFits): Promise<Nearest | null> {
  if (rank === null || rank <= RANKS[0]) return null;
  const peakBytes = await peakIfFits({ rank: RANKS[0] });
  return peakBytes === null ? null : { kind: 'rank', rank: RANKS[0], peakBytes };
}

/** A limit that cuts answers off: the longest that fits of a few. */
async function shorterRows(
  { maxLength: now }: PlanSettings,
  { profile, model }: Situation,
  peakIfFits: PeakIfFits,
): Promise<Nearest | null> {
  if (profile === null) return null;
  const { choices } = lengthChoices(profile, model.contextLength);
  const shorter = choices.filter(({ maxLength }) => maxLength < now && maxLength >= LEAST_LENGTH);
  for (const { maxLength, labelledLost } of shorter.reverse().slice(0, 3)) {
    const peakBytes = await peakIfFits({ maxLength, tokensPerMicroBatch: maxLength });
    if (peakBytes !== null) return { kind: 'length', maxLength, labelledLost, peakBytes };
  }
  return null;
}

/** The largest model of the catalog, smaller than the chosen one, that would be comfortable on the same device. Only those that may be are priced. */
async function smallerModel(
  { draft }: PricedDraft,
  { catalog, model }: Situation,
  executor: PlanExecutor,
  peaksOf: PeaksOf,
): Promise<Nearest | null> {
  const { settings } = draft;
  const { freeBytes, card } = executor;
  // the weights have to be in both memories
  const most = COMFORTABLE_SHARE * Math.min(freeBytes, card?.freeBytes ?? freeBytes);
  // as these settings keep weights that are not trained; whether its files have them so is for its price
  const isHalved = settings.bits === 16 || settings.precision === 'f16';
  const smaller = catalog
    .filter((one) => one.parameters < model.parameters)
    .filter(({ parameters }) => !isHopeless(settings.method, { parameters, isHalved }, most))
    .sort((a, b) => b.parameters - a.parameters || a.repo.localeCompare(b.repo));
  for (const one of smaller) {
    const [needs = null] = await peaksOf([one.repo], settings);
    if (needs === null || fitOn(needs, executor) !== 'comfortable') continue;
    const peakBytes = tightest(needs, executor).peak.value;
    return { kind: 'model', ...one, peakBytes, method: settings.method };
  }
  return null;
}
