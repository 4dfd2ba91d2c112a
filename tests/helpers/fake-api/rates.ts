/** What the pretended computer has measured, at some time, and how that compares with the time before. */
import type { ComputerFacts, Rates } from '../../../common/api/contract.ts';
import { compareRates } from '../../../main/hardware/measure.ts';
import { madeUpRates } from '../rates.ts';

const FLOPS = 3.1e11;
/** With which the made-up computer measures and trains, whatever the one that takes the pictures has. */
export const THREADS = 8;
const DAYS_BETWEEN = 120;

/** So many times as fast as the processor a card is, where one is measured. */
const CARD_TIMES = 4;

/** The measured part of the facts; `flops` is the speed of its matrix products. `card` was measured too, on `device`. */
export function fakeMeasured(
  measured: string,
  flops = FLOPS,
  card: { readonly device: string; readonly name: string } | null = null,
): Pick<ComputerFacts, 'speed' | 'rates' | 'comparison'> {
  const versions = { fettle: '0.1.0', node: '24.21.0', 'onnxruntime-node': '1.30.0' };
  const common = { onBattery: false, versions, freeMemory: 21.4e9 };
  const made = madeUpRates(flops, THREADS);
  const ofCard = madeUpRates(CARD_TIMES * flops, THREADS).devices.map((one) => ({
    ...{ ...one, device: card?.device ?? '', nodeSeconds: 1e-6, softmaxElements: 2e9 },
    ...{ elementwise: one.elementwise.map((rate) => ({ ...rate, bytesPerSecond: 2e11 })) },
    ...{ measured, cards: [card?.name ?? ''] },
  }));
  const devices = card === null ? made.devices : [...made.devices, ...ofCard];
  const rates: Rates = { ...made, devices, ...common, measured, otherLoad: 0.31 };
  const before: Rates = {
    ...madeUpRates(flops / 0.86, THREADS),
    ...common,
    measured: new Date(Date.parse(measured) - DAYS_BETWEEN * 86_400_000).toISOString(),
    otherLoad: 0.02,
  };
  return { speed: { flops, measured }, rates, comparison: compareRates(rates, before) };
}
