/**
 * Chooses the device of a run, and says why. Another device than the processor must be usable, hold the run with the whole range of its
 * memory, and have been measured here to be faster, by the benchmark or by finished runs. Nothing is guessed from names or data sheets.
 */

import type { DeviceChoice, DeviceOffer, PlanDevice, PlanFit, PlanPrice } from '../../common/api/contract.ts';
import { measurableAt, traitsOf } from '../../common/settings/executors.ts';
import { capitalised } from '../../common/values.ts';
import { measure, number } from '../../common/words/format.ts';
import { said, say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import { type DeviceFacts, type Place, PROCESSOR, placeKey, SPEED_PACK } from './devices.ts';

/** Two benchmarks of the same computer differ by 5 %: what is faster by less than this is not known to be. */
const FASTER = 1.1;

/** What the run would take at a place. */
export interface PlaceEstimate {
  readonly price: Pick<PlanPrice, 'totalSeconds' | 'peakVramBytes'>;
  readonly fit: PlanFit;
}

/** What has been decided already. */
export interface DeviceWish {
  readonly device?: PlanDevice | undefined;
  readonly executor?: string | undefined;
  /** Whether that is what the run had before it was resumed or repeated, and not what the person says now. */
  readonly isKept?: boolean;
  /** Whether its settings are for the processor alone (`isForProcessor`). */
  readonly onlyProcessor?: boolean;
  /** Whether 32 bits are wanted: then the speed pack, which computes in 16, is none. */
  readonly isExact?: boolean;
}

/** The places that have to be priced before the choice can be made: the processor, and what was measured and may be faster. */
export function placesToPrice(devices: readonly DeviceFacts[], asked: DeviceWish = {}): readonly Place[] {
  const { device, executor = 'ort', onlyProcessor } = asked;
  if (device !== undefined) return [{ device, executor }];
  const processor = { device: 'cpu', executor: asked.executor ?? PROCESSOR.executor } as const;
  const others = devices.filter((one) => placeKey(one) !== placeKey(processor) && mayBe(one, asked));
  return onlyProcessor
    ? [processor]
    : [processor, ...others.map(({ device: on, executor: by }) => ({ device: on, executor: by }))];
}

function isProcessor({ device, executor }: Place): boolean {
  return device === PROCESSOR.device && executor === PROCESSOR.executor;
}

/** Whether a device can be the choice at all: usable, measured, and of known memory. */
function mayBe(one: DeviceFacts, { executor, isExact }: DeviceWish): boolean {
  const { obstacle, measured, card } = one;
  if (executor !== undefined && one.executor !== executor) return false;
  if (isExact && one.executor === SPEED_PACK.executor) return false;
  return (
    obstacle === null && measured !== null && (card === null || card.isShared || card.freeBytes !== null)
  );
}

/** The choice, where `priceAt` tells what the run would take at a place; it is asked only where there is something to choose. */
export async function chooseByPrice(
  devices: readonly DeviceFacts[],
  asked: DeviceWish,
  priceAt: (place: Place) => Promise<PlaceEstimate>,
): Promise<DeviceChoice> {
  const places = placesToPrice(devices, asked);
  const judged = new Map<string, PlaceEstimate>();
  for (const place of places.length > 1 ? places : []) {
    // a run that cannot be priced there is not computed there; where it can be priced nowhere, its plan says why
    const found = await priceAt(place).catch(() => null);
    if (found) judged.set(placeKey(place), found);
  }
  return chooseDevice(devices, judged, asked);
}

/** The choice, by what the run would take at each of `placesToPrice`; a place without figures could not be priced. */
export function chooseDevice(
  devices: readonly DeviceFacts[],
  judged: ReadonlyMap<string, PlaceEstimate>,
  asked: DeviceWish = {},
): DeviceChoice {
  const chosen = chosenOf(devices, judged, asked);
  const offers = devices.map((one): DeviceOffer => {
    const isChosen = placeKey(one) === placeKey(chosen);
    const { device, executor, card, cards, obstacle, measured } = one;
    const mayMeasure = obstacle === null && measured === null && measurableAt(one) !== undefined;
    const reason = isChosen ? becauseOf(one, judged) : whyNot(one, chosen, judged, asked);
    const about = { usable: obstacle === null, mayMeasure, reason, ...(cards && { cards }) };
    return { device, executor, card: card?.name ?? null, ...about };
  });
  return { ...chosen, reason: reasonOf(chosen, devices, offers, judged, asked), offers };
}

function chosenOf(
  devices: readonly DeviceFacts[],
  judged: ReadonlyMap<string, PlaceEstimate>,
  asked: DeviceWish,
): Place {
  const [first, ...others] = placesToPrice(devices, asked) as [Place, ...Place[]];
  const processor = secondsAt(first, judged);
  let best = first;
  for (const place of others) {
    const seconds = secondsAt(place, judged);
    const least = secondsAt(best, judged);
    if (judged.get(placeKey(place))?.fit !== 'comfortable') continue;
    // without a benchmark no seconds are known, but the tests of both have timed the same step
    if (processor === null && isQuickerByTest(place, devices)) best = place;
    if (seconds === null || processor === null || least === null) continue;
    // a card must be clearly faster than the processor, and faster than the other cards
    if (seconds * FASTER < processor && seconds < least) best = place;
  }
  return { device: best.device, executor: best.executor };
}

function isQuickerByTest(place: Place, devices: readonly DeviceFacts[]): boolean {
  const gainAt = (at: Place) => devices.find((one) => placeKey(one) === placeKey(at))?.gain ?? 1;
  return placeKey(place) === placeKey(SPEED_PACK) && gainAt(place) > FASTER * gainAt(PROCESSOR);
}

function secondsAt(place: Place, judged: ReadonlyMap<string, PlaceEstimate>): number | null {
  return judged.get(placeKey(place))?.price.totalSeconds?.value ?? null;
}

/** What was decided already has no reason but that; else what is said of the device that was taken. */
function reasonOf(
  chosen: Place,
  devices: readonly DeviceFacts[],
  offers: readonly DeviceOffer[],
  judged: ReadonlyMap<string, PlaceEstimate>,
  asked: DeviceWish,
): string {
  if (asked.device !== undefined) {
    const obstacle = devices.find((one) => placeKey(one) === placeKey(chosen))?.obstacle ?? null;
    const by = asked.isKept ? say`As the run had it before.` : say`Set by you.`;
    return obstacle === null ? by : `${by}${marks().gap}${obstacle}`;
  }
  if (chosen.executor === asked.executor && chosen.device === 'cpu' && asked.executor !== 'ort')
    return say`Computed with ${asked.executor ?? ''}, as you chose.`;
  const own = devices.find((one) => placeKey(one) === placeKey(chosen));
  if (own && !isProcessor(own)) return becauseOf(own, judged);
  if (asked.onlyProcessor)
    return say`The processor computes: only it can use these weights (8 or 16 bits, or NF4).`;
  const nearest = nearestTo(devices, judged);
  const offer = offers.find((one) => nearest && placeKey(one) === placeKey(nearest));
  if (!nearest || !offer) return say`The processor computes: there is nothing else here that could.`;
  if (nearest.card === null && nearest.obstacle !== null)
    return say`The processor computes: no graphics card was found.`;
  return say`The processor computes. ${capitalised(nameOf(nearest))}: ${offer.reason}`;
}

/** Of the devices that were not taken, the one that a person would ask about first. */
function nearestTo(
  devices: readonly DeviceFacts[],
  judged: ReadonlyMap<string, PlaceEstimate>,
): DeviceFacts | null {
  const rank = (one: DeviceFacts) => {
    if (judged.has(placeKey(one))) return 0;
    if (one.obstacle === null) return 1;
    return one.card === null ? 3 : 2;
  };
  const others = devices.filter((one) => !isProcessor(one));
  return others.toSorted((a, b) => rank(a) - rank(b))[0] ?? null;
}

const THROUGH: Readonly<Record<PlanDevice, string>> = {
  cpu: 'the processor',
  webgpu: 'WebGPU',
};

/** A device as a sentence calls it: "NVIDIA GeForce RTX 4090 through WebGPU". */
export function nameOf({ device, executor, card }: DeviceFacts | DeviceOffer): string {
  const name = typeof card === 'string' ? card : card?.name;
  const { isApart, title } = traitsOf(executor);
  if (isApart) return name ? say`${name} through ${title}` : title;
  if (executor === SPEED_PACK.executor) return say`the processor with the speed pack`;
  if (device === 'cpu') return said(THROUGH.cpu);
  return say`${name ?? say`A graphics card`} through ${THROUGH[device]}`;
}

function becauseOf(one: DeviceFacts, judged: ReadonlyMap<string, PlaceEstimate>): string {
  if (one.obstacle !== null) return say`You chose it. ${one.obstacle}`;
  if (isProcessor(one)) return say`Nothing else was measured to be faster for this run.`;
  const here = secondsAt(one, judged);
  const processor = secondsAt(PROCESSOR, judged);
  if ((here === null || processor === null) && one.gain)
    return say`${capitalised(nameOf(one))} is ${times(one.gain)} as fast as in 32 bits. Measured on this computer.`;
  if (here === null || processor === null) return say`You chose it.`;
  const faster = say`${capitalised(nameOf(one))} is ${times(processor / here)} as fast as the processor for this run.`;
  const by = one.measured === 'benchmark' ? say`Measured on this computer.` : say`Known from earlier runs.`;
  return [faster, by, memoryText(one, judged)].filter(Boolean).join(marks().gap);
}

function memoryText(one: DeviceFacts, judged: ReadonlyMap<string, PlaceEstimate>): string {
  const needed = judged.get(placeKey(one))?.price.peakVramBytes?.value;
  const free = one.card?.freeBytes;
  return needed !== undefined && free
    ? say`It needs ${gigabytes(needed)} of ${gigabytes(free)} free on the card.`
    : '';
}

function whyNot(
  one: DeviceFacts,
  chosen: Place,
  judged: ReadonlyMap<string, PlaceEstimate>,
  asked: DeviceWish,
): string {
  const { executor, obstacle, measured, card } = one;
  if (obstacle !== null) return obstacle;
  if (asked.device !== undefined) return isProcessor(one) ? say`It is always there.` : usableText(one);
  if (asked.executor !== undefined && executor !== asked.executor) return say`You chose ${asked.executor}.`;
  if (isProcessor(one)) return say`It takes ${ratioText(one, chosen, judged)} for this run.`;
  if (asked.isExact && executor === SPEED_PACK.executor) return say`You chose 32 bits.`;
  if (asked.onlyProcessor) return say`Only the processor can use these weights (8 or 16 bits, or NF4).`;
  if (measured === null) return notMeasured(one);
  if (card !== null && !card.isShared && card.freeBytes === null)
    return say`Its memory is not known, so Fettle doesn't choose it by itself.`;
  const found = judged.get(placeKey(one));
  if (!found) return say`What this run takes there can't be estimated.`;
  if (secondsAt(one, judged) === null || secondsAt(PROCESSOR, judged) === null)
    return say`The processor was not measured, so they can't be compared. Check your computer first.`;
  const ratio = secondsAt(PROCESSOR, judged)! / secondsAt(one, judged)!;
  if (ratio <= FASTER)
    return ratio < 1 / FASTER
      ? say`It takes ${times(1 / ratio)} as long as the processor for this run.`
      : say`It is about as fast as the processor for this run.`;
  return found.fit === 'comfortable'
    ? say`It takes ${ratioText(one, chosen, judged)} for this run.`
    : tooSmall(one, found, ratio);
}

function tooSmall({ card }: DeviceFacts, { price, fit }: PlaceEstimate, ratio: number): string {
  const speed = times(ratio);
  const { value: needed, high: most = 0 } = price.peakVramBytes ?? {};
  if (
    !card ||
    card.isShared ||
    needed === undefined ||
    card.freeBytes === null ||
    needed <= card.freeBytes * 0.5
  )
    return say`It would be ${speed} as fast as the processor, but too little memory is free for this run.`;
  const [need, free] = [gigabytes(fit === 'tight' ? most : needed), gigabytes(card.freeBytes)];
  return fit === 'tight'
    ? say`It would be ${speed} as fast as the processor, but this run may need up to ${need}, and ${free} are free there.`
    : say`It would be ${speed} as fast as the processor, but this run needs ${need}, and ${free} are free there.`;
}

function usableText(one: DeviceFacts): string {
  if (one.measured === null)
    return `${say`It can be used, but was not measured yet.`}${marks().gap}${howToMeasure(one)}`;
  return say`It can be used.`;
}

function notMeasured(one: DeviceFacts): string {
  const why = one.isOutdated
    ? say`Its driver has changed since it was measured.`
    : say`It was not measured yet.`;
  return `${why}${marks().gap}${howToMeasure(one)}`;
}

function howToMeasure(place: Place): string {
  return measurableAt(place) === undefined
    ? say`A run with ${traitsOf(place.executor).title} measures it.`
    : say`Measure it on the page “Your computer”.`;
}

/** `1.4 times as long as WebGPU`. */
function ratioText(one: Place, other: Place, judged: ReadonlyMap<string, PlaceEstimate>): string {
  const [here, there] = [secondsAt(one, judged), secondsAt(other, judged)];
  const { isApart, title } = traitsOf(other.executor);
  const than = isApart ? title : said(THROUGH[other.device]);
  if (here === null || there === null) return say`longer than ${than}`;
  return here / there < 1.05 ? say`about as long as ${than}` : say`${times(here / there)} as long as ${than}`;
}

function times(ratio: number): string {
  return say`${number(ratio, ratio < 10 ? 1 : 0)} times`;
}

function gigabytes(bytes: number): string {
  return measure(number(bytes / 1e9, 1), 'GB');
}
