/**
 * The situation of a run, from what the engine says of its rows and what is known of the computer. The window
 * and the command line both begin here, so that they propose the same.
 */
import type { PlanEstimate, PlanPrice, PlanSettings } from '../../common/api/contract.ts';
import type { PriceCase, RowFacts } from '../../common/protocol/protocol.ts';
import type { DeviceFacts } from './devices.ts';
import { EXAMPLE_RANK, EXAMPLE_TOKENS } from './example-run.ts';
import { isMethod, planSettingsOf } from './run-settings.ts';
import { askedOf } from './search.ts';
import { executorsFor, type Situation } from './situation.ts';

/** Free memory changes all the time; in such steps a proposal does not change with it. */
const FREE_STEP_BYTES = 100e6;
/** Rows by which another model is priced: enough for full micro-batches and some held out. */
const LIKE_ROWS = 200;

/** What is known of a run that is to be proposed. Bytes. */
interface Known extends Pick<Situation, 'hasHeldOutFile' | 'goal' | 'wish' | 'totalBytes'> {
  readonly facts: RowFacts;
  /** Weights of the model. */
  readonly parameters: number;
  /** What the person has set, by the names of run.json, flat or as a tree. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly devices: readonly DeviceFacts[];
  readonly freeBytes: number;
  readonly repeats?: Situation['repeats'];
}

/** The situation, without models to compare with. */
export function situationFor(known: Known): Situation {
  const { facts, settings, parameters, hasHeldOutFile, goal, wish, totalBytes, repeats } = known;
  const own = planSettingsOf(settings);
  const devices = known.devices.map(steady);
  return {
    model: {
      parameters,
      contextLength: facts.contextLength ?? null,
      isHalved: (facts.isHalved ?? false) && ['auto', 'cpu'].includes(String(settings.device ?? 'auto')),
      isWhole: facts.isWhole ?? false,
    },
    rows: facts.rows + (hasHeldOutFile ? 0 : facts.heldOutRows),
    profile: facts.lengths ?? null,
    hasHeldOutFile,
    goal,
    wish,
    totalBytes,
    devices,
    hasInt8: devices.some(({ hasInt8 }) => hasInt8),
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
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const all = lengths ? sum(lengths.tokens) + lengths.textTokens : tokens;
  const labelled = lengths ? sum(lengths.labelled) + lengths.textTokens : labelledTokens;
  return all > 0 ? labelled / all : 1;
}
