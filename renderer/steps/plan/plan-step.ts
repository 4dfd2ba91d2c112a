/** What the plan step works out for its parts: devices to choose from, the bar of memory, the risk of forgetting, and when a run starts. */
import type {
  DeviceOffer,
  IfYouHad,
  PlanEstimate,
  PlanFigures,
  PlannedMethod,
  Proposal,
} from '../../../common/api/contract.ts';
import {
  type ForgettingFacts,
  type ForgettingForecast,
  forgettingForecast,
} from '../../../common/settings/forgetting.ts';
import { marks } from '../../../common/words/marks.ts';
import { plan as text } from '../../text/text.ts';
import type { PricesShown } from '../../text/wizard-plan.ts';

/**
 * Milliseconds after which the plan's first answer is settings that fit, even if better ones fit too. With the graph that is under way by
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
    ...devices.flatMap((one) => {
      const value = `${one.executor} ${one.device}`;
      if (!one.cards)
        return [{ value, title: text.deviceName(one), about: one.reason, disabled: !one.usable }];
      return one.cards.map((card, i) => ({
        value: `${value} ${card.name}`,
        title: text.deviceName({ ...one, card: cardName(one.cards!, i) }),
        about: [text.cardFree(card), ...(one === chosen ? [] : [one.reason])].join(marks().stop),
        disabled: !one.usable,
      }));
    }),
  ];
}

/** Cards of the same name are told apart by their order. */
function cardName(cards: NonNullable<DeviceOffer['cards']>, at: number): string {
  const { description } = cards[at]!;
  const same = cards.filter((one) => one.description === description);
  return same.length === 1
    ? description
    : text.sameCard(description, same.indexOf(cards[at]!) + 1, same.length);
}

/** The option that the person's settings are; of several cards the first computes where none is named. */
export function shownValue(
  { device, executor = 'ort', card }: Settings,
  devices: readonly DeviceOffer[],
): string {
  if (device === undefined || device === AUTO) return AUTO;
  const { cards } = devices.find((one) => one.executor === executor && one.device === device) ?? {};
  return [executor, device, ...(cards ? [card ?? cards[0]?.name] : [])].join(' ');
}

/** The person's settings after a choice; onnxruntime is what computes anyway. */
export function deviceSettings(settings: Settings, value: string): Record<string, unknown> {
  const { device: _, executor: __, card: ___, ...others } = settings;
  if (value === AUTO) return others;
  const [executor, device, card] = value.split(' ');
  return { ...others, device, ...(executor !== 'ort' && { executor }), ...(card && { card }) };
}

/** Weights that are mapped twice exist once: the bar shows what must be free. Bytes. */
export function memoryBar(
  parts: PlanEstimate['memoryParts'],
): { readonly kind: string; readonly label: string; readonly value: number }[] {
  return parts
    .filter(({ part, bytes }) => part !== 'mapped-again' && bytes > 0)
    .map(({ part, bytes }) => ({ kind: part, label: text.memoryParts[part], value: bytes }));
}

/** What a run will probably forget, by its complete settings, its steps and its answers. */
export function riskOf({
  config,
  parameters,
  steps,
  task,
}: Pick<PlanFigures, 'config' | 'parameters' | 'steps' | 'task'>): ForgettingForecast {
  const { method, learningRate, objective, replay, stayClose } = config as Pick<
    ForgettingFacts,
    'method' | 'learningRate' | 'objective' | 'replay' | 'stayClose'
  >;
  return forgettingForecast({ method, learningRate, objective, replay, stayClose, parameters, steps, task });
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

export function pricesOf(cards: readonly IfYouHad[]): PricesShown {
  const assumed = cards.filter(({ assumedPrice }) => assumedPrice).length;
  if (assumed === cards.length) return 'assumed';
  return assumed > 0 ? 'some' : 'yours';
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
