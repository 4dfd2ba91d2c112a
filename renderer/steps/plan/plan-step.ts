/** What the plan step works out for its parts: devices to choose from, the bar of memory, the risk of forgetting, and when a run starts. */
import type {
  IfYouHad,
  PlanEstimate,
  PlanFigures,
  PlanMethod,
  PlannedMethod,
  Proposal,
} from '../../../common/api/contract.ts';
import { plan as text } from '../../text/text.ts';

/**
 * Milliseconds after which the plan's first answer is settings that fit, whether or not better ones do. With the graph that is under way by
 * then it is told within a tenth of a second where a graph takes half of that.
 */
export const SOON_MS = 45;

/** Fettle chooses. */
export const AUTO = 'auto';

type Settings = Readonly<Record<string, unknown>>;

/** What Fettle chooses with its reason, and every device that there is to say something of. */
export function deviceOptions({
  devices,
  settings,
  whys,
}: Pick<PlannedMethod, 'devices' | 'settings' | 'whys'>) {
  const { device: why } = whys;
  const chosen = devices.find((one) => one.device === settings.device && one.executor === settings.executor);
  const auto =
    why.key === 'device-choice'
      ? {
          title: text.fettleChoosesNow(chosen ? text.deviceName(chosen) : settings.device),
          about: why.numbers.reason,
        }
      : { title: text.fettleChooses, about: text.fettleChoosesAbout };
  return [
    { value: AUTO, ...auto, disabled: false },
    ...devices.map((one) => ({
      value: `${one.executor} ${one.device}`,
      title: text.deviceName(one),
      about: one.reason,
      disabled: !one.usable,
    })),
  ];
}

/** The option that the person's settings are. */
export function shownValue({ device, executor = 'ort' }: Settings): string {
  return device === undefined || device === AUTO ? AUTO : `${executor} ${device}`;
}

/** The person's settings after a choice; onnxruntime is what computes anyway. */
export function deviceSettings(settings: Settings, value: string): Record<string, unknown> {
  const { device: _, executor: __, ...others } = settings;
  if (value === AUTO) return others;
  const [executor, device] = value.split(' ');
  return { ...others, device, ...(executor !== 'ort' && { executor }) };
}

/** Weights that are mapped twice exist once: the bar shows what must be free. Bytes. */
export function memoryBar(
  parts: PlanEstimate['memoryParts'],
): { readonly kind: string; readonly label: string; readonly value: number }[] {
  return parts
    .filter(({ part, bytes }) => part !== 'mapped-again' && bytes > 0)
    .map(({ part, bytes }) => ({ kind: part, label: text.memoryParts[part], value: bytes }));
}

export interface RiskFacts {
  readonly method: 'lora' | 'full';
  /** Weights of the model. */
  readonly parameters: number;
  readonly learningRate: number;
  /** The usual rate for this model and method, and the usual number of passes. */
  readonly usualRate: number;
  readonly epochs: number;
  readonly usualEpochs: number;
  readonly replay: number;
  readonly stayClose: number;
}

/** Points of each reason; a sum of 1 or less is low, of 3 or more is high. */
const POINTS = {
  lora: 0.5,
  full: 2,
  small: 1.5,
  fast: 2,
  long: 1,
  replay: -1.5,
  'stay-close': -1,
};

type RiskReason = keyof typeof POINTS;

/** The practice model can lose half of its quiz to a run at a high rate (docs/log/practice-model.md); larger ones keep far more. */
const SMALL = 20e6;

/**
 * How likely a run is to damage what the model knew, judged by its settings before it begins: by what is known to make models
 * forget (all weights trained, a very small model, large steps, many passes) and what protects them (general rows mixed in, a pull back).
 */
export function forgettingRisk(facts: RiskFacts) {
  const { method, parameters, learningRate, usualRate, epochs, usualEpochs, replay, stayClose } = facts;
  const all: readonly [RiskReason, boolean][] = [
    [method, true],
    ['small', parameters < SMALL],
    ['fast', learningRate > 2 * usualRate],
    ['long', epochs > 2 * usualEpochs],
    ['replay', replay > 0],
    ['stay-close', stayClose > 0],
  ];
  const reasons = all.filter(([, applies]) => applies).map(([reason]) => reason);
  const points = reasons.reduce((sum, reason) => sum + POINTS[reason], 0);
  const risk = points <= 1 ? ('low' as const) : points < 3 ? ('medium' as const) : ('high' as const);
  return { risk, reasons };
}

export type JudgedRisk = ReturnType<typeof forgettingRisk>;

/** The risk of a plan with the person's settings; before there is one, with what is usual for adapters. */
export function riskOf(
  planned: Pick<PlannedMethod, 'usual'> | undefined,
  method: PlanMethod,
  settings: Settings,
  parameters = 1e9,
): JudgedRisk {
  const { learningRate: usualRate, epochs: usualEpochs } = planned?.usual ?? {
    learningRate: 2e-4,
    epochs: 3,
  };
  return forgettingRisk({
    ...{ method: method === 'full' ? 'full' : 'lora', parameters, usualRate, usualEpochs },
    learningRate: Number(settings.learningRate ?? usualRate),
    epochs: Number(settings.epochs ?? usualEpochs),
    replay: Number(settings.replay ?? 0),
    stayClose: Number(settings.stayClose ?? 0),
  });
}

/** The reason that counts most: of a low risk what protects best, of others what harms most. */
export function chiefReason({ risk, reasons }: JudgedRisk): RiskReason {
  const sign = risk === 'low' ? 1 : -1;
  return reasons.toSorted((a, b) => sign * (POINTS[a] - POINTS[b]))[0]!;
}

/** Below this a computer of one's own is done before a card is rented. */
const WORTH_RENTING_SECONDS = 10 * 60;
/** The cards worth a word: none before the time here is known, or where it is short anyway. */
export function worthSaying({
  ifYouHad,
  totalSeconds,
}: Pick<PlanEstimate, 'ifYouHad' | 'totalSeconds'>): readonly IfYouHad[] {
  return totalSeconds !== null && totalSeconds.value >= WORTH_RENTING_SECONDS ? ifYouHad : [];
}

/** A person waits for less without asking for a larger computer. */
const LONG_SECONDS = 60 * 60;

/** Whether a run is one for another computer: it does not fit here, nothing would, or it takes long. */
export function isTooMuchHere(
  { fit, seconds }: Pick<PlanFigures, 'fit' | 'seconds'>,
  proposal: Pick<Proposal, 'nearest'> | null,
): boolean {
  return fit === 'too-big' || (proposal?.nearest.length ?? 0) > 0 || (seconds ?? 0) > LONG_SECONDS;
}
