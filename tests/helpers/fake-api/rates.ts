/** What the pretended computer has measured, at some time, and how that compares with the time before. */
import type { ComputerFacts } from '../../../preload/contract.ts';
import { madeUpRates } from '../rates.ts';

const FLOPS = 3.1e11;

/** The measured part of the facts; `before`: when it was measured the time before. */
export function fakeMeasured(
  measured: string,
  before = new Date(Date.parse(measured) - 9e9).toISOString(),
): Pick<ComputerFacts, 'speed' | 'rates' | 'comparison'> {
  const versions = { fettle: '0.1.0', node: '24.21.0', 'onnxruntime-node': '1.30.0' };
  return {
    speed: { flops: FLOPS, measured },
    rates: { ...madeUpRates(FLOPS, 8), measured, onBattery: false, versions },
    comparison: {
      ...{ since: before, change: -0.14, reasons: ['other programs using 31 % of the processor'] },
      sentence: '14 % slower than in May: other programs using 31 % of the processor.',
    },
  };
}
