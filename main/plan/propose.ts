/** The proposal: full fine-tuning, LoRA and QLoRA side by side, each as it fits best, and which of them is recommended and why. */
import type {
  MethodPlan,
  Nearest,
  PlanMethod,
  PlannedMethod,
  PlanSettings,
  Proposal,
  Why,
} from '../../common/api/contract.ts';
import { RANKS } from '../../common/settings/lora.ts';
import { LIGHTEST_FIRST, worthTheirTime } from '../../common/settings/plan.ts';
import { TINY } from '../../common/settings/sizes.ts';
import { runSettingsOf, type Whys } from './defaults.ts';
import { lengthChoices } from './lengths.ts';
import { nearestTo, type PeaksOf } from './nearest.ts';
import { tightest } from './peak-memory.ts';
import { capacityTokens, trainedTokens } from './rules.ts';
import {
  type DraftOnDevice,
  isInTime,
  type Price,
  type PricedDraft,
  remembered,
  searchMethod,
  shortenedToWish,
  wishSeconds,
} from './search.ts';
import { executorOf, type Situation } from './situation.ts';

export const METHODS: readonly PlanMethod[] = ['full', 'lora', 'qlora'];

interface Candidate {
  readonly method: PlanMethod;
  readonly found: DraftOnDevice;
  readonly inTime: boolean | null;
  /** Of the run before it was shortened for the wish; null where no speed is known. */
  readonly seconds: number | null;
  readonly isShortened: boolean;
}

/**
 * What is proposed for `situation`, priced by at most about 25 calls of `price`; `peaksOf` is asked for other models where nothing fits.
 * `runOwn` is what the person has set, by the names of run.json: it goes into the settings as it is.
 */
export async function propose(
  situation: Situation,
  price: Price,
  peaksOf: PeaksOf,
  runOwn: Readonly<Record<string, unknown>> = {},
): Promise<Proposal> {
  const priceOnce = remembered(price);
  const candidates: Candidate[] = [];
  for (const method of METHODS) candidates.push(await candidateOf(method, situation, priceOnce));
  const choice = chosenOf(candidates, situation);
  const { profile, model, executors, wish } = situation;
  return {
    wish,
    freeBytes: executors[0].freeBytes,
    recommended: choice?.method ?? null,
    methods: METHODS.map((method) => planOf(method, candidates, choice, situation, runOwn)),
    lengths: profile && lengthChoices(profile, model.contextLength),
    nearest: await nearestOf(candidates, choice, situation, { price: priceOnce, peaksOf }),
  };
}

/**
 * What is proposed for one method alone, with the same settings and the same price as beside the others. Once `isLate` says so it is what
 * was found to fit until then, `isProven` false: better settings may fit as well.
 */
export async function proposeFor(
  method: PlanMethod,
  situation: Situation,
  price: Price,
  runOwn: Readonly<Record<string, unknown>> = {},
  isLate?: () => boolean,
): Promise<{ planned: PlannedMethod; isProven: boolean }> {
  const candidate = await candidateOf(method, situation, remembered(price), isLate);
  const { draft, isProven } = candidate.found;
  return { planned: plannedOf(candidate, draft.whys.method, situation, runOwn), isProven };
}

async function candidateOf(
  method: PlanMethod,
  situation: Situation,
  price: Price,
  isLate?: () => boolean,
): Promise<Candidate> {
  const own = situation.repeats?.[method];
  const here = own ? { ...situation, own } : situation;
  const fitting = await searchMethod(method, here, price, isLate);
  const shorter = fitting.fit === 'too-big' ? fitting : await shortenedToWish(fitting, here, price);
  const inTime = isInTime(shorter.price, situation);
  const found = { ...fitting, ...(inTime === false ? withoutPromise(shorter) : shorter) };
  return {
    method,
    found,
    inTime,
    seconds: fitting.price.totalSeconds?.value ?? null,
    isShortened: shorter !== fitting,
  };
}

/** What was shortened and still does not end in time says so. */
function withoutPromise<Found extends PricedDraft>(found: Found): Found {
  const { draft } = found;
  const { key, numbers } = draft.whys.epochs;
  if (key !== 'epochs-time') return found;
  return { ...found, draft: { ...draft, whys: { ...draft.whys, epochs: { key: 'epochs-late', numbers } } } };
}

/** Where nothing fits, or not the method that the person has chosen. */
async function nearestOf(
  candidates: readonly Candidate[],
  choice: Choice | null,
  situation: Situation,
  { price, peaksOf }: { readonly price: Price; readonly peaksOf: PeaksOf },
): Promise<Nearest[]> {
  const wanted = candidates.find(({ method }) => method === situation.own.method);
  const closest = wanted ?? byMethod(candidates, LIGHTEST_FIRST)[0]!;
  if (closest.found.fit !== 'too-big' || (choice && !wanted)) return [];
  const other = candidates.find(({ method }) => method === choice?.method);
  const nearest = await nearestTo(closest.found, situation, price, peaksOf);
  if (!other) return nearest;
  const { peak } = limitOf(other, situation);
  return [{ kind: 'method', method: other.method, peakBytes: peak.value }, ...nearest];
}

interface Choice {
  readonly method: PlanMethod;
  readonly why: Why;
}

/**
 * The preferred method that is comfortable and in time, unless a leaner one is very much quicker (`worthTheirTime`); else the fastest
 * comfortable one; else, where all are tight, the one that needs least.
 */
function chosenOf(candidates: readonly Candidate[], situation: Situation): Choice | null {
  const preference = preferenceOf(situation);
  const comfortable = byMethod(
    candidates.filter(({ found }) => found.fit === 'comfortable'),
    preference.order,
  );
  const best = worthTheirTime(comfortable.filter(({ inTime }) => inTime !== false));
  if (best) {
    const isPreferred = best.method === preference.order[0];
    const why = isPreferred
      ? preference.why
      : (quickerWhy(best, comfortable[0]!) ?? fallbackWhy(best, situation));
    return { method: best.method, why };
  }
  const [fastest] = [...comfortable].sort((a, b) => secondsOf(a) - secondsOf(b));
  if (fastest) return { method: fastest.method, why: slowWhy('fastest-here', fastest, situation) };
  const tight = candidates.filter(({ found }) => found.fit === 'tight');
  const lightest = byMethod(tight, LIGHTEST_FIRST)[0];
  return lightest ? { method: lightest.method, why: fallbackWhy(lightest, situation) } : null;
}

/** Which methods suit the model and the rows, best first, whatever the computer. */
function preferenceOf(situation: Situation): { readonly order: readonly PlanMethod[]; readonly why: Why } {
  const { parameters } = situation.model;
  if (parameters < TINY)
    return { order: ['full', 'lora', 'qlora'], why: { key: 'tiny-model', numbers: { parameters } } };
  const held = heldByAdapters(situation);
  if (held.labelledTokens > held.capacityTokens)
    return { order: ['full', 'lora', 'qlora'], why: { key: 'much-data', numbers: held } };
  const { rows } = situation;
  return { order: ['lora', 'qlora', 'full'], why: { key: 'adapter-enough', numbers: { rows } } };
}

/** What the rows teach, and what the largest usual adapters hold. */
function heldByAdapters(situation: Situation) {
  const { labelled } = trainedTokens(situation, situation.model.contextLength ?? Number.MAX_SAFE_INTEGER);
  const capacity = capacityTokens(situation.model.parameters, RANKS[RANKS.length - 1]!);
  return { labelledTokens: labelled, capacityTokens: capacity };
}

function planOf(
  method: PlanMethod,
  candidates: readonly Candidate[],
  choice: Choice | null,
  situation: Situation,
  runOwn: Readonly<Record<string, unknown>>,
): MethodPlan {
  const candidate = candidates.find((one) => one.method === method)!;
  const recommended = choice?.method === method;
  const why = recommended ? choice.why : whyNot(candidate, choice, situation);
  return { method, recommended, why, planned: plannedOf(candidate, why, situation, runOwn) };
}

function plannedOf(
  { method, found, inTime }: Candidate,
  why: Why,
  situation: Situation,
  runOwn: Readonly<Record<string, unknown>>,
): PlannedMethod {
  const { settings, whys } = found.draft;
  return {
    fit: found.fit,
    inTime,
    settings,
    price: found.price,
    devices: found.choice.offers,
    runSettings: {
      ...(situation.repeats ? { ...runOwn, method } : runSettingsOf(settings, runOwn)),
      ...chosenBy(found, situation),
    },
    whys: { ...(situation.repeats ? repeated(whys) : whys), method: why },
  };
}

/** The device that Fettle has chosen, with why, so that the run is computed where the plan says. What a person has named stands already. */
function chosenBy({ choice }: DraftOnDevice, { own }: Situation) {
  return own.device === undefined ? { device: choice.device, deviceWhy: choice.reason } : {};
}

function whyNot(candidate: Candidate, choice: Choice | null, situation: Situation): Why {
  const { method, found, inTime } = candidate;
  const { parameters } = situation.model;
  if (found.fit === 'too-big') return memoryWhy('too-big', candidate, situation);
  if (inTime === false) return slowWhy('too-slow', candidate, situation);
  if (found.fit === 'tight') return memoryWhy('tight', candidate, situation);
  if (choice && isPassedOver(method, choice)) return slowerWhy(candidate);
  if (method === 'full') return { key: 'forgets-more', numbers: {} };
  if (choice?.method !== 'full') return { key: 'not-needed', numbers: {} };
  if (parameters < TINY) return { key: 'adapter-learned-less', numbers: { parameters } };
  return { key: 'holds-less', numbers: heldByAdapters(situation) };
}

/** Why a method is recommended that is not the first choice for the model and the rows. */
function fallbackWhy(candidate: Candidate, situation: Situation): Why {
  if (candidate.found.fit === 'comfortable' && candidate.method === 'qlora')
    return { key: 'smaller-weights', numbers: {} };
  return memoryWhy('lightest-fits', candidate, situation);
}

/** Why a leaner method is taken although `preferred` fits as well; null where that is the best itself. */
function quickerWhy(best: Candidate, preferred: Candidate): Why | null {
  if (LIGHTEST_FIRST.indexOf(best.method) >= LIGHTEST_FIRST.indexOf(preferred.method)) return null;
  // like beside like: both as they are, where this one is shortened too
  const otherSeconds = best.isShortened ? secondsOf(preferred) : (preferred.seconds ?? 0);
  const numbers = { seconds: secondsOf(best), otherSeconds };
  if (preferred.method === 'full') return { key: 'quicker-than-full', numbers };
  return preferred.inTime && preferred.isShortened && !best.isShortened
    ? { key: 'whole-in-time', numbers: {} }
    : { key: 'much-quicker', numbers };
}

/** Whether a method is preferred to the chosen one, which is very much quicker. */
function isPassedOver(method: PlanMethod, { method: chosen, why }: Choice): boolean {
  if (why.key === 'quicker-than-full') return method === 'full' || (method === 'lora' && chosen === 'qlora');
  return method === 'lora' && ['much-quicker', 'whole-in-time'].includes(why.key);
}

/** Why it is not taken although it is preferred and fits. */
function slowerWhy({ method, seconds, isShortened }: Candidate): Why {
  const numbers = { seconds: seconds ?? 0 };
  if (method === 'full') return { key: 'full-slower', numbers };
  return isShortened ? { key: 'would-be-shortened', numbers: {} } : { key: 'much-slower', numbers };
}

/** The memory that is nearest to too small for it where it is computed. */
function limitOf({ found }: Candidate, situation: Situation) {
  return tightest(found.price, executorOf(situation, found.draft.settings));
}

function memoryWhy(
  key: 'lightest-fits' | 'too-big' | 'tight',
  candidate: Candidate,
  situation: Situation,
): Why {
  const { peak, freeBytes } = limitOf(candidate, situation);
  return { key, numbers: { peakBytes: peak.value, freeBytes } };
}

function slowWhy(key: 'fastest-here' | 'too-slow', candidate: Candidate, situation: Situation): Why {
  return { key, numbers: { seconds: secondsOf(candidate), wishSeconds: wishSeconds(situation) ?? 0 } };
}

function secondsOf({ found }: Candidate): number {
  return found.price.totalSeconds?.value ?? Number.POSITIVE_INFINITY;
}

function byMethod(candidates: readonly Candidate[], order: readonly PlanMethod[]): Candidate[] {
  return order.flatMap((method) => candidates.filter((one) => one.method === method));
}

function repeated(whys: Whys): Whys {
  const fields = Object.keys(whys) as (keyof PlanSettings)[];
  const why: Why = { key: 'of-run', numbers: {} };
  const kept = Object.fromEntries(fields.map((field) => [field, why])) as unknown as Whys;
  // a device that the run did not name is chosen again: this computer may have changed
  return whys.device.key === 'device-choice' ? { ...kept, device: whys.device } : kept;
}
