/**
 * What this computer has to compute a run on, as the choice (device-choice.ts) sees it: for each device the
 * card behind it, what keeps Fettle from it, and whether it has been measured here. Made of what the probes
 * found; a driver that computes on the processor is no card.
 */

import type {
  Access,
  GgmlCard,
  GraphicsCard,
  Hardware,
  PlanDevice,
  Rates,
} from '../../common/api/contract.ts';
import { driverOf } from '../../common/cards.ts';
import { traitsOf } from '../../common/settings/executors.ts';
import { say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';

/** A device, and what computes on it. */
export interface Place {
  readonly device: PlanDevice;
  readonly executor: string;
}

/** The graphics card behind a device. Bytes. */
export interface CardFacts {
  readonly name: string;
  /** What is free of its own memory, or all of it where nobody knows that; null where neither is known. */
  readonly freeBytes: number | null;
  /** Whether it takes from the processor's memory. */
  readonly isShared: boolean;
  /** Its driver, with the version; null where that is not known. */
  readonly driver?: string | null;
}

export interface DeviceFacts extends Place {
  readonly card: CardFacts | null;
  /** Several cards of which a run names one, the one first that it takes by itself. */
  readonly cards?: readonly GgmlCard[];
  /** What keeps Fettle from computing there, and what to do: sentences. Null where nothing does. */
  readonly obstacle: string | null;
  /** What has shown how fast it is here; null: nothing has. */
  readonly measured: 'benchmark' | 'runs' | null;
  /** Whether it was measured with another driver than it has now. */
  readonly isOutdated?: true;
  /** Of the processor: how many times as fast its tests found a step in 8 bits, or with the speed pack; null where they found no gain. */
  readonly gain?: number | null;
}

/** What is known of the speed of this computer. */
export interface Measurements {
  readonly rates: Rates | null;
  /** How many times as fast the processor is with the speed pack; null or left out: it is not here, or has not passed its test. */
  readonly speedPack?: number | null;
  /** The same of the processor's own products in 8 bits. */
  readonly int8?: number | null;
  /** Places (`placeKey`) on which runs of this computer have ended. */
  readonly ranOn: ReadonlySet<string>;
}

export const PROCESSOR: Place = { device: 'cpu', executor: 'ort' };
export const SPEED_PACK: Place = { device: 'cpu', executor: 'openvino' };

/** `ort on webgpu`, for maps. */
export function placeKey({ device, executor }: Place): string {
  return `${executor} on ${device}`;
}

/** How many times as fast a step in 8 bits is on the processor; null where no test has shown that it is. */
export function int8GainOf(devices: readonly DeviceFacts[]): number | null {
  return devices.find((one) => placeKey(one) === placeKey(PROCESSOR))?.gain ?? null;
}

type Found = Pick<Hardware, 'graphics' | 'libraries'>;

/** The card that computes at a place; null for the processor, and where none is known. */
export function cardAt(place: Place, devices: readonly DeviceFacts[]): CardFacts | null {
  return devices.find((one) => placeKey(one) === placeKey(place))?.card ?? null;
}

/** All that a run could be computed on, the processor first. */
export function devicesOf(found: Found, measurements: Measurements): DeviceFacts[] {
  const processor: DeviceFacts = {
    ...PROCESSOR,
    card: null,
    obstacle: null,
    ...measuredAs(PROCESSOR, null, measurements),
    gain: measurements.int8 ?? null,
  };
  const webgpu = factsOf({ device: 'webgpu', executor: 'ort' }, 'webgpu', found.graphics, measurements);
  return [processor, ...speedPackOf(measurements), webgpu, ...librariesOf(found, measurements)];
}

function factsOf(
  place: Place,
  through: Access['through'],
  graphics: readonly GraphicsCard[],
  measurements: Measurements,
): DeviceFacts {
  const card = cardOf(graphics, through);
  if (card !== null) return { ...place, card, obstacle: null, ...measuredAs(place, card, measurements) };
  // where several cannot be used, the one that lacks something that can be got
  const accesses = graphics.flatMap((one) =>
    one.access.filter((access) => access.through === through).map((access) => ({ one, access })),
  );
  const nearest = accesses.find(({ access }) => access.fix !== null) ?? accesses[0];
  if (!nearest) return { ...place, card: null, obstacle: say`No graphics card was found.`, measured: null };
  const { one, access } = nearest;
  const obstacle = access.fix === null ? access.reason : `${access.reason}${marks().gap}${access.fix}`;
  return { ...place, card: cardFacts(one), obstacle, measured: null };
}

/**
 * The card that a program gets: a discrete one before one that is part of the processor. Of several the one
 * with the least free memory counts, because which of them the driver hands out is not known beforehand.
 */
function cardOf(graphics: readonly GraphicsCard[], through: string): CardFacts | null {
  const usable = graphics.filter(({ access }) => access.some((one) => one.through === through && one.usable));
  const discrete = usable.filter(({ kind }) => kind === 'discrete');
  const cards = (discrete.length > 0 ? discrete : usable).map(cardFacts);
  const bytes = ({ isShared, freeBytes }: CardFacts) => (isShared ? 0 : (freeBytes ?? 0));
  return cards.sort((a, b) => bytes(a) - bytes(b))[0] ?? null;
}

function cardFacts({ name, freeMemory, totalMemory, unifiedMemory, kind, driver }: GraphicsCard): CardFacts {
  const isShared = unifiedMemory ?? (kind === 'integrated' && totalMemory === null);
  return { name, freeBytes: isShared ? null : (freeMemory ?? totalMemory), isShared, driver };
}

function seenCard({ description, freeBytes, kind }: GgmlCard, graphics: readonly GraphicsCard[]): CardFacts {
  const isShared = kind === 'integrated';
  const driver = driverOf(description, graphics);
  return { name: description, freeBytes: isShared ? null : freeBytes, isShared, driver };
}

/** The processor with the speed pack, once that has passed its test. */
function speedPackOf(measurements: Measurements): DeviceFacts[] {
  if (!measurements.speedPack) return [];
  // its test has timed it beside the processor
  return [{ ...SPEED_PACK, card: null, obstacle: null, measured: 'benchmark', gain: measurements.speedPack }];
}

/** The libraries of executors that need one, where they are installed and load. */
function librariesOf({ graphics, libraries }: Found, measurements: Measurements): DeviceFacts[] {
  const usable = Object.entries(libraries).filter(([, way]) => way.usable);
  return usable.map(([executor, { cards = [] }]) => {
    const place: Place = { device: 'cpu', executor };
    const { way } = traitsOf(executor);
    const [best, ...others] = cards;
    const isOneOfSeveral = best !== undefined && others.length > 0;
    const found = way === undefined ? null : cardOf(graphics, way);
    const seen = best ? seenCard(best, graphics) : null;
    const card = isOneOfSeveral ? seen : (found ?? seen);
    return {
      ...place,
      card,
      obstacle: null,
      ...measuredAs(place, card, measurements),
      ...(isOneOfSeveral && { cards }),
    };
  });
}

function measuredAs(
  place: Place,
  card: CardFacts | null,
  { rates, ranOn }: Measurements,
): Pick<DeviceFacts, 'measured' | 'isOutdated'> {
  const found = rates?.devices.find(
    ({ device, executor }) => device === place.device && executor === place.executor,
  );
  // another card may have come since, or a driver that computes on the processor was all that there was
  const isOfThisCard = card === null || (found?.cards?.includes(card.name) ?? false);
  const before = card && found?.drivers?.[card.name];
  const isOutdated = isOfThisCard && Boolean(before && card?.driver && before !== card.driver);
  if (found && isOfThisCard && !isOutdated) return { measured: 'benchmark' };
  return { measured: ranOn.has(placeKey(place)) ? 'runs' : null, ...(isOutdated && { isOutdated }) };
}
