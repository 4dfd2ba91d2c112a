/**
 * The search: for each method the best settings that fit into the free memory and, where that is wished, into the time. Smaller
 * micro-batches are tried first on each rung of the ladder; what costs quality is given up last.
 */
import type {
  DeviceChoice,
  PlanFit,
  PlanMethod,
  PlanPrice,
  PlanSettings,
  Why,
} from '../../common/api/contract.ts';
import type { PricedPart } from '../../common/protocol/protocol.ts';
import { LADDER, plannedRow, type Rung } from '../../common/settings/plan.ts';
import { refusalsIn } from '../../common/settings/row.ts';
import { isForProcessor } from '../../common/settings/table.ts';
import { ofRow } from '../../common/values.ts';
import { changed, type Draft, defaultsFor, factsOf, withMicroTokens } from './defaults.ts';
import { chooseDevice, type DeviceWish } from './device-choice.ts';
import { type Place, placeKey } from './devices.ts';
import { firstThatFits, type Sizes } from './ladder.ts';
import { LOSABLE_SHARE, lengthChoices } from './lengths.ts';
import { COMFORTABLE_SHARE, fitOn, isHopeless, tightest } from './peak-memory.ts';
import type { ValueWithWhy } from './rules.ts';
import { executorOf, type PlanExecutor, type Situation } from './situation.ts';

/** What settings would take; of their training alone no less memory than that, which is told sooner. */
export type Price = (settings: PlanSettings, part?: PricedPart) => PlanPrice | Promise<PlanPrice>;

export interface PricedDraft {
  readonly draft: Draft;
  readonly price: PlanPrice;
  readonly fit: PlanFit;
}

interface Searched extends PricedDraft {
  /** Whether it is known that nothing that is preferred fits; a search that is late does not wait for that. */
  readonly isProven: boolean;
}

/** A draft on the device that was chosen for it. */
export interface DraftOnDevice extends Searched {
  readonly choice: DeviceChoice;
}

/** A price function that asks once for the same settings. */
export function remembered(price: Price): Price {
  const known = {
    all: new Map<string, PlanPrice | Promise<PlanPrice>>(),
    training: new Map<string, PlanPrice | Promise<PlanPrice>>(),
  };
  return (settings, part = 'all') => {
    const key = JSON.stringify(settings);
    const found = known.all.get(key) ?? known[part].get(key) ?? price(settings, part);
    known[part].set(key, found);
    return found;
  };
}

/**
 * The best settings of a method that fit, or the lightest ones where none do, on the device that is chosen for them. Once `isLate` says so,
 * the first settings that are found to fit: better ones may fit as well.
 */
export async function searchMethod(
  method: PlanMethod,
  situation: Situation,
  price: Price,
  isLate?: () => boolean,
): Promise<DraftOnDevice> {
  const { executors, devices } = situation;
  const found = new Map<string, Searched>();
  for (const executor of executors)
    found.set(placeKey(placeOf(executor)), await searchOn(executor, method, situation, { price, isLate }));
  // without the facts of the devices there is one executor, which has been decided elsewhere
  const facts = devices ?? executors.map((one) => ({ ...placeOf(one), ...UNKNOWN }));
  const choice = chooseDevice(facts, found, askedOf(situation));
  const best = found.get(placeKey(choice)) ?? found.get(placeKey(placeOf(executors[0])))!;
  const isProven = [...found.values()].every((one) => one.isProven);
  return { ...withReason(best, choice, situation), choice, isProven };
}

const UNKNOWN = { card: null, obstacle: null, measured: null } as const;

function placeOf({ name, device = 'cpu' }: PlanExecutor): Place {
  return { device, executor: name };
}

/** What of the device has been decided before the search. */
export function askedOf({ own, repeats }: Pick<Situation, 'own' | 'repeats'>): DeviceWish {
  const { device, executor, precision } = own;
  const isExact = precision === 'f32';
  return { device, executor, onlyProcessor: isForProcessor(own), isKept: repeats !== undefined, isExact };
}

function withReason(best: PricedDraft, { reason }: DeviceChoice, { own }: Situation): PricedDraft {
  const why = { key: 'device-choice', numbers: { reason } } as const;
  const { draft } = best;
  const device = own.device === undefined ? why : draft.whys.device;
  const isOther = draft.settings.executor !== 'ort' && own.executor === undefined;
  const whys = { ...draft.whys, device, ...(isOther && { executor: why }) };
  return { ...best, draft: { ...draft, whys } };
}

async function searchOn(
  executor: PlanExecutor,
  method: PlanMethod,
  situation: Situation,
  { price, isLate }: { readonly price: Price; readonly isLate: (() => boolean) | undefined },
): Promise<Searched> {
  const once = remembered(price);
  const priced = async (draft: Draft, part?: PricedPart): Promise<PricedDraft> => {
    const found = await once(draft.settings, part);
    return { draft, price: found, fit: fitOn(found, executor) };
  };
  const start = defaultsFor(method, situation, executor);
  const alone = async (draft: Draft) => ({ ...(await priced(draft)), isProven: true });
  if (situation.repeats) return await alone(start);
  // a card is taken for its speed, and not at the cost of what is learned
  const mayLose = (executor.device ?? 'cpu') === 'cpu' || situation.own.device !== undefined;
  const stages = stagesOf(start, situation, mayLose);
  const least = stages.at(-1)!.at(-1)!.at(-1)!;
  const { freeBytes, card } = executor;
  // its weights alone are too large: only what it would need at least is of interest
  if (isHopeless(method, situation.model, freeBytes)) return await alone(least);
  const find = async (rungs: readonly Sizes[], isEnough: (fit: PlanFit) => boolean, share: number) => {
    const found = await firstThatFits<PricedDraft>(rungs, {
      price: (draft) => priced(draft),
      atLeast: (draft) => priced(draft, 'training'),
      bytesOf: (one) => tightest(one.price, executor).peak.value,
      fits: ({ fit }) => isEnough(fit),
      likelyBytes: share * Math.min(freeBytes, card?.freeBytes ?? freeBytes),
      parameters: situation.model.parameters,
      ...(isLate && { isLate }),
    });
    return found && { ...found.priced, isProven: found.isProven };
  };
  const comfortable = await find(stages.flat(), (fit) => fit === 'comfortable', COMFORTABLE_SHARE);
  if (comfortable) return comfortable;
  const last = await alone(least);
  if (last.fit === 'too-big') return last;
  const lightest = stages.map((degrees) => [degrees.at(-1)!.at(-1)!]);
  return (await find(lightest, (fit) => fit !== 'too-big', 1)) ?? last;
}

/**
 * The ways to need less, in the order of the ladder (common/settings/plan.ts), each with what the ones before it gave up; of some there are
 * several degrees, each of which needs less than the one before.
 */
function stagesOf(start: Draft, situation: Situation, mayLose: boolean): Sizes[][] {
  const stages = [[microSizes(start, situation)]];
  let draft = start;
  for (const rung of LADDER) {
    if (rung.costsQuality && !mayLose) continue;
    const degrees = lighterDrafts(draft, rung, situation);
    draft = degrees.at(-1) ?? draft;
    if (degrees.length > 0) stages.push(degrees.map((one) => microSizes(one, situation)));
  }
  return stages;
}

/** The draft on a rung of the ladder, by falling need; none where a person has decided that, or where it cannot be or does not help. */
function lighterDrafts(draft: Draft, { field, degrees, when, numbers }: Rung, situation: Situation): Draft[] {
  const { settings } = draft;
  const facts = factsOf(settings, situation);
  const row = plannedRow(field);
  const set = situation.own[field];
  if (set !== undefined && (row.plan.fits?.(set, facts) ?? true)) return [];
  if (when?.(settings, facts) === false) return [];
  // those before the one that holds are no lighter
  const lighter = degrees.slice(1 + degrees.findIndex(({ value }) => value === settings[field]));
  return lighter.flatMap(({ value, why }): Draft[] => {
    if (value === undefined)
      return field === 'maxLength' ? [shortened(draft, situation, 'memory') ?? []].flat() : [];
    if (refusalsIn(ofRow(row.allowed, value, settings) ?? null).length > 0) return [];
    const reason = { key: why, numbers: numbers?.(value, settings[field]) ?? {} } as Why;
    return [changed(draft, field, { value: value as PlanSettings[typeof field], why: reason })];
  });
}

/** The draft with micro-batches of falling size, the last just large enough for the longest row. */
function microSizes(draft: Draft, situation: Situation): Sizes {
  const { tokensPerMicroBatch: usual, maxLength } = draft.settings;
  if (situation.own.tokensPerMicroBatch !== undefined) return [draft];
  const sizes: number[] = [];
  for (let tokens = usual / 2; tokens > maxLength; tokens /= 2) sizes.push(tokens);
  if (maxLength < usual) sizes.push(maxLength);
  return [draft, ...sizes.map((tokens) => withMicroTokens(draft, situation, microOf(tokens, usual)))];
}

function microOf(tokens: number, usual: number): ValueWithWhy<number> {
  return { value: tokens, why: { key: 'micro-memory', numbers: { tokens, usual } } };
}

/** The shortest limit that loses next to nothing of what is learned; null where there is no shorter one. */
export function shortened(draft: Draft, situation: Situation, reason: 'memory' | 'time'): Draft | null {
  const { profile, model, own } = situation;
  if (own.maxLength !== undefined || profile === null) return null;
  const usual = draft.settings.maxLength;
  const found = lengthChoices(profile, model.contextLength).choices.find(
    ({ labelledLost, maxLength }) => labelledLost <= LOSABLE_SHARE && maxLength < usual,
  );
  if (!found) return null;
  const { maxLength, labelledLost } = found;
  const key = reason === 'memory' ? 'length-memory' : 'length-time';
  return changed(draft, 'maxLength', {
    value: maxLength,
    why: { key, numbers: { maxLength, usual, labelledLost } },
  });
}

/** "Ready by tonight": fewer passes over the rows, then shorter rows, then a part of the rows, until a run ends in time. */

/** Less than a quarter of the rows teaches too little to be worth a night. */
const LEAST_EPOCHS = 0.25;

/** Seconds within which a run must end; null where there is no such wish. */
export function wishSeconds({ wish }: Situation): number | null {
  return wish.kind === 'tonight' ? wish.hours * 3600 : null;
}

/** Whether a run ends within the wish even where it is slower than expected; null without a wish or a known speed. */
export function isInTime({ totalSeconds }: PlanPrice, situation: Situation): boolean | null {
  const most = wishSeconds(situation);
  return most === null || totalSeconds === null ? null : totalSeconds.high <= most;
}

/** The settings with which a run that fits also ends in time; the fastest ones where none do. */
export async function shortenedToWish(
  found: PricedDraft,
  situation: Situation,
  price: Price,
): Promise<PricedDraft> {
  if (isInTime(found.price, situation) !== false || situation.repeats) return found;
  let best = await withFewerPasses(found, situation, price, 1);
  if (isInTime(best.price, situation)) return best;
  const shorter = shortened(best.draft, situation, 'time');
  if (shorter) best = await again(shorter, situation, price);
  if (isInTime(best.price, situation)) return best;
  return withFewerPasses(best, situation, price, LEAST_EPOCHS);
}

/** Whole passes above one, quarters below; the time of all but the passes stays, so a second look may be needed. */
async function withFewerPasses(
  found: PricedDraft,
  situation: Situation,
  price: Price,
  least: number,
): Promise<PricedDraft> {
  if (situation.own.epochs !== undefined) return found;
  let best = found;
  for (let tries = 0; tries < 2 && isInTime(best.price, situation) === false; tries++) {
    const { epochs } = best.draft.settings;
    if (epochs <= least) break;
    const share = wishSeconds(situation)! / best.price.totalSeconds!.high;
    best = await again(withEpochs(best.draft, situation, passes(epochs, share, least)), situation, price);
  }
  return best;
}

function passes(epochs: number, share: number, least: number): number {
  const step = least >= 1 ? 1 : LEAST_EPOCHS;
  const wanted = Math.floor((epochs * share) / step) * step;
  return Math.max(least, Math.min(wanted, epochs - step));
}

function withEpochs(draft: Draft, situation: Situation, epochs: number): Draft {
  const before = draft.whys.epochs;
  const usual = before.key === 'epochs-time' ? before.numbers.usual : draft.settings.epochs;
  const numbers = { epochs, usual, wishSeconds: wishSeconds(situation)! };
  return changed(draft, 'epochs', { value: epochs, why: { key: 'epochs-time', numbers } });
}

async function again(draft: Draft, situation: Situation, price: Price): Promise<PricedDraft> {
  const found = await price(draft.settings);
  return { draft, price: found, fit: fitOn(found, executorOf(situation, draft.settings)) };
}
