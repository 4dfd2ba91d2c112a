/**
 * The capability check's measurement: what is known of the computer, the benchmark, and what else was going
 * on meanwhile, kept as one report with its date, and compared with the one before. The window and the
 * command line both come here.
 */

import { setTimeout } from 'node:timers/promises';
import type {
  ComputerFacts,
  DeviceRates,
  Hardware,
  MatmulRate,
  Rates,
  RatesComparison,
} from '../../common/api/contract.ts';
import { driverOf } from '../../common/cards.ts';
import type {
  BenchProgress,
  MeasuredRates,
  QuickWay,
  SpeedTest,
  WebGpuAnswer,
} from '../../common/protocol/protocol.ts';
import { measurableAt, processorOf } from '../../common/settings/executors.ts';
import { number, percent } from '../../common/words/format.ts';
import { locale, say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import type { Store } from '../store/store.ts';
import { versions } from '../versions.ts';
import { computerFacts, loadMeter } from './facts.ts';
import { testWays, waysHere } from './quick-ways.ts';

export interface Measuring {
  /** Measures what a training will meet, for 15 to 30 seconds; `folder` is the one whose disk counts, `device` one besides the processor. */
  bench(
    folder: string,
    onProgress: (progress: BenchProgress) => void,
    signal?: AbortSignal,
    device?: string,
  ): Promise<MeasuredRates>;
  /** Tests a quick way to compute, for a few seconds, and keeps what that gave. */
  speedTest(way: QuickWay, signal?: AbortSignal): Promise<SpeedTest>;
  /** What WebGPU opens here, asked in a process that is ended afterwards or when it hangs. Never rejects. */
  adapters(): Promise<WebGpuAnswer>;
}

/** The product whose speed stands for the computer where one figure must do: a layer of a model with 135 million weights. */
const MIDDLE = { type: 'float32', batch: 1, rows: 1024, inner: 576, columns: 1536 } as const;
const MIDDLE_KEYS = Object.keys(MIDDLE) as (keyof typeof MIDDLE)[];
/** How long it is looked what other programs use of the processor. */
const LOOK_MS = 400;

/** The facts of now, with what was measured last; WebGPU is asked by `engine` where it has not answered yet. */
export async function knownFacts(
  store: Pick<Store, 'folder' | 'hardware'>,
  engine: Pick<Measuring, 'adapters'>,
): Promise<ComputerFacts> {
  const { speed = null, rates = null } = store.hardware.latest() ?? {};
  const facts = await computerFacts(store.folder, speed, engine.adapters);
  return { ...facts, rates, comparison: comparisonWith(rates, store.hardware.previous()) };
}

/** Measures this computer, with `device` besides the processor, and keeps the report; nothing is kept when `signal` ends it or `mayKeep` throws. */
export async function measureComputer(
  {
    store,
    engine,
  }: { store: Pick<Store, 'folder' | 'hardware'>; engine: Pick<Measuring, 'bench' | 'speedTest'> },
  onProgress: (progress: BenchProgress) => void,
  signal?: AbortSignal,
  { mayKeep = () => {}, device }: { readonly mayKeep?: () => void; readonly device?: string } = {},
): Promise<ComputerFacts> {
  onProgress({ fraction: 0, doing: say`Looking at the computer` });
  const facts = await computerFacts(store.folder, null);
  const look = loadMeter();
  await setTimeout(LOOK_MS);
  const { load: otherLoad, freeMemory } = look();
  signal?.throwIfAborted();
  const found = await engine.bench(store.folder, onProgress, signal, device);
  await testWays(waysHere(), engine, {
    signal,
    onTest: () => onProgress({ fraction: 1, doing: say`Testing quick ways to compute` }),
  });
  mayKeep();
  const measured = new Date().toISOString();
  const { onBattery } = facts;
  const { cards, drivers } = cardsSeen(facts.hardware ?? null);
  const { fettle } = versions();
  const before = store.hardware.latest()?.rates?.devices ?? [];
  const devices = withKept(found.devices, before, { measured, cards, drivers, fettle });
  const rates: Rates = {
    ...found,
    devices,
    measured,
    onBattery,
    versions: versions(),
    otherLoad,
    freeMemory,
  };
  const comparison = comparisonWith(rates, store.hardware.latest());
  const report = { ...facts, speed: { flops: middleFlops(rates), measured }, rates, comparison };
  store.hardware.add(report);
  return report;
}

/** What was measured now, and of cards that were not, what was measured before: the newest report has all that is known. */
function withKept(
  now: readonly DeviceRates[],
  before: readonly DeviceRates[],
  of: Required<Pick<DeviceRates, 'measured' | 'cards' | 'drivers' | 'fettle'>>,
): DeviceRates[] {
  const isSame = (a: DeviceRates) => (b: DeviceRates) => a.device === b.device && a.executor === b.executor;
  const isCard = (one: DeviceRates) => measurableAt(one) !== undefined;
  const kept = before.filter((one) => isCard(one) && !now.some(isSame(one)));
  return [...now.map((one) => (isCard(one) ? { ...one, ...of } : one)), ...kept];
}

/** The cards of a computer, as the system and as libraries call them, and their drivers. */
function cardsSeen(hardware: Hardware | null): Required<Pick<DeviceRates, 'cards' | 'drivers'>> {
  const { graphics = [], libraries = {} } = hardware ?? {};
  const seen = Object.values(libraries).flatMap(({ cards = [] }) => cards);
  const names = [...graphics.map(({ name }) => name), ...seen.map(({ description }) => description)];
  const cards = [...new Set(names)];
  const drivers = cards.flatMap((name) => {
    const driver = driverOf(name, graphics);
    return driver === null ? [] : [[name, driver] as const];
  });
  return { cards, drivers: Object.fromEntries(drivers) };
}

function comparisonWith(rates: Rates | null, before: ComputerFacts | null): ComputerFacts['comparison'] {
  // reports of older versions have no rates
  return rates && before?.rates ? compareRates(rates, before.rates) : null;
}

/** Floating point operations a second of the middle product on the processor; 0 where it was not measured. */
export function middleFlops({ devices }: Pick<Rates, 'devices'>): number {
  const matmul = processorOf(devices)?.matmul ?? [];
  const found = matmul.find(
    (rate) => rate.transposed === undefined && MIDDLE_KEYS.every((key) => rate[key] === MIDDLE[key]),
  );
  return found?.flops ?? 0;
}

/** Two measurements of the same computer differ by this anyway. */
const SAME = 0.05;
/** Of all cores, that other programs use more than then. */
const MORE_LOAD = 0.15;
/** Below this the system begins to move memory to the disk. */
const SCARCE_BYTES = 4e9;

/** What `now` says against `before`; null where they have no product in common. */
export function compareRates(now: Rates, before: Rates): RatesComparison | null {
  const ratio = typicalRatio(now, before);
  if (ratio === null) return null;
  const since = before.measured;
  const when = whenWords(new Date(since), new Date(now.measured));
  const change = Math.abs(ratio - 1) < SAME ? 0 : ratio - 1;
  if (change === 0) return { since, change, reasons: [], sentence: say`As fast as ${when}.` };
  // what makes a computer slower is, looked at from the other side, what makes it faster
  const reasons = change < 0 ? reasonsFor(now, before) : reasonsFor(before, now, true);
  const share = percent(Math.abs(change));
  const why = reasons.length > 0 ? reasons.join(marks().comma) : say`no known reason`;
  const sentence =
    change < 0 ? say`${share} slower than ${when}: ${why}.` : say`${share} faster than ${when}: ${why}.`;
  return { since, change, reasons, sentence };
}

/** The middle one of the ratios of all float32 products that both have measured. */
function typicalRatio(now: Rates, before: Rates): number | null {
  const then = new Map(products(before).map((rate) => [keyOf(rate), rate.flops]));
  const ratios = products(now)
    .flatMap((rate) => {
      const flops = then.get(keyOf(rate));
      return flops === undefined || flops <= 0 ? [] : [rate.flops / flops];
    })
    .toSorted((a, b) => a - b);
  return ratios[Math.floor(ratios.length / 2)] ?? null;
}

function products({ devices }: Rates): readonly MatmulRate[] {
  return (processorOf(devices)?.matmul ?? []).filter(({ type }) => type === 'float32');
}

function keyOf({ batch, rows, inner, columns, transposed }: MatmulRate): string {
  return [batch, rows, inner, columns, transposed ?? 'neither'].join();
}

type Rule = (slow: Rates, fast: Rates) => string | false;

/** Why the computer of `slow` may be slower than that of `fast`, the likeliest reason first. */
const RULES: readonly Rule[] = [
  (slow, fast) => slow.onBattery === true && fast.onBattery !== true && say`running on battery`,
  (slow, fast) =>
    threadsOf(slow) < threadsOf(fast) &&
    say`computing on ${threadsOf(slow)} threads instead of ${threadsOf(fast)}`,
  ({ otherLoad: slow = 0 }, { otherLoad: fast }) =>
    fast !== undefined &&
    slow - fast > MORE_LOAD &&
    say`other programs using ${percent(slow)} of the processor`,
  ({ freeMemory: slow }, { freeMemory: fast }) =>
    slow !== undefined &&
    fast !== undefined &&
    slow < SCARCE_BYTES &&
    slow < fast / 2 &&
    say`only ${gigabytes(slow)} of memory free instead of ${gigabytes(fast)}`,
];

/** What counts as another version, and what people call it. */
const VERSIONS: readonly (readonly [key: string, name: string])[] = [
  ['fettle', 'Fettle'],
  ['onnxruntime-node', 'onnxruntime'],
  ['node', 'Node'],
];

function reasonsFor(slow: Rates, fast: Rates, isThen = false): string[] {
  const found = RULES.map((rule) => rule(slow, fast)).filter((reason) => reason !== false);
  const [now, before] = isThen ? [fast, slow] : [slow, fast];
  const versions = VERSIONS.flatMap(([key, name]) => {
    const [newer, older] = [now.versions[key], before.versions[key]];
    const differs = newer !== undefined && older !== undefined && newer !== older;
    return differs ? [say`${name} ${newer} instead of ${older}`] : [];
  });
  return [...found.map((reason) => (isThen ? say`${reason} then` : reason)), ...versions];
}

const threadsOf = ({ devices }: Rates): number => processorOf(devices)?.threads ?? 0;
const gigabytes = (bytes: number): string => `${number(bytes / 1e9, 1)} GB`;

const DAY_MS = 86_400_000;

/** "earlier today", "on 3 May", "in May", "in May 2025": as exactly as a person would say it. */
function whenWords(then: Date, now: Date): string {
  const days = (now.getTime() - then.getTime()) / DAY_MS;
  const written = (parts: Intl.DateTimeFormatOptions) => then.toLocaleDateString(locale(), parts);
  if (days < 1 && then.getDate() === now.getDate()) return say`earlier today`;
  if (days < 21) return say`on ${written({ day: 'numeric', month: 'long' })}`;
  return say`in ${written(days < 300 ? { month: 'long' } : { month: 'long', year: 'numeric' })}`;
}
