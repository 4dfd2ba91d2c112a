/**
 * The capability check's measurement: what is known of the computer, the benchmark, and what else was going on meanwhile, kept
 * as one report with its date. The window and the command line both come here.
 */
import { setTimeout } from 'node:timers/promises';
import type { ComputerFacts, DeviceRates, Rates } from '../../common/api/contract.ts';
import type { BenchProgress, MeasuredRates, WebGpuAnswer } from '../../common/protocol/protocol.ts';
import type { Store } from '../store/store.ts';
import { versions } from '../versions.ts';
import { compareRates } from './comparison.ts';
import { computerFacts, loadMeter } from './facts.ts';

/** The calls of the engine by which a computer is measured. */
export interface Measuring {
  /** Measures what a training will meet, for 10 to 20 seconds; `folder` is the one whose disk counts, `device` one besides the processor. */
  bench(
    folder: string,
    onProgress: (progress: BenchProgress) => void,
    signal?: AbortSignal,
    device?: string,
  ): Promise<MeasuredRates>;
  /** What WebGPU opens here, asked in a process that is ended afterwards or when it hangs. Never rejects. */
  adapters(): Promise<WebGpuAnswer>;
}

/** The product whose speed stands for the computer where one figure must do: a layer of a model with 135 million weights. */
const MIDDLE = { type: 'float32', batch: 1, rows: 1024, inner: 576, columns: 1536 } as const;
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
  { store, engine }: { store: Pick<Store, 'folder' | 'hardware'>; engine: Pick<Measuring, 'bench'> },
  onProgress: (progress: BenchProgress) => void,
  signal?: AbortSignal,
  { mayKeep = () => {}, device }: { readonly mayKeep?: () => void; readonly device?: string } = {},
): Promise<ComputerFacts> {
  onProgress({ fraction: 0, doing: 'Looking at the computer' });
  const facts = await computerFacts(store.folder, null);
  const look = loadMeter();
  await setTimeout(LOOK_MS);
  const { load: otherLoad, freeMemory } = look();
  signal?.throwIfAborted();
  const found = await engine.bench(store.folder, onProgress, signal, device);
  mayKeep();
  const measured = new Date().toISOString();
  const { onBattery } = facts;
  const cards = facts.hardware?.graphics.map(({ name }) => name) ?? [];
  const before = store.hardware.latest()?.rates?.devices ?? [];
  const devices = withKept(found.devices, before, { measured, cards });
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
  of: Required<Pick<DeviceRates, 'measured' | 'cards'>>,
): DeviceRates[] {
  const isSame = (a: DeviceRates) => (b: DeviceRates) => a.device === b.device && a.executor === b.executor;
  const kept = before.filter((one) => one.device !== 'cpu' && !now.some(isSame(one)));
  return [...now.map((one) => (one.device === 'cpu' ? one : { ...one, ...of })), ...kept];
}

function comparisonWith(rates: Rates | null, before: ComputerFacts | null): ComputerFacts['comparison'] {
  // reports of older versions have no rates
  return rates && before?.rates ? compareRates(rates, before.rates) : null;
}

/** Floating point operations a second of the middle product on the processor; 0 where it was not measured. */
export function middleFlops({ devices }: Pick<Rates, 'devices'>): number {
  const matmul = devices.find(({ device }) => device === 'cpu')?.matmul ?? [];
  const found = matmul.find(
    ({ type, batch, rows, inner, columns, transposed }) =>
      type === MIDDLE.type &&
      batch === MIDDLE.batch &&
      rows === MIDDLE.rows &&
      inner === MIDDLE.inner &&
      columns === MIDDLE.columns &&
      transposed === undefined,
  );
  return found?.flops ?? 0;
}
