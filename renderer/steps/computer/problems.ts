/** What may get in the way of training on this computer, each of which has its words and what helps in text/wizard.ts. */
import type { ComputerFacts } from '../../../preload/contract.ts';

export type ComputerProblem = 'battery' | 'busy' | 'disk' | 'memory' | 'memory-used' | 'slow';

const GB = 1e9;
/** Of all cores: beside programs that use more than this a measurement says little of the computer. */
const BUSY = 0.4;

/** What may get in the way, the gravest first. */
export function problemsOf(facts: ComputerFacts): ComputerProblem[] {
  const { totalMemory, freeMemory, freeDisk, onBattery, speed, rates } = facts;
  const isUsedUp = totalMemory >= 4 * GB && freeMemory < totalMemory / 4;
  const all: readonly [ComputerProblem, boolean][] = [
    ['memory', totalMemory < 4 * GB],
    ['memory-used', isUsedUp],
    ['disk', freeDisk !== null && freeDisk < 5 * GB],
    ['battery', onBattery === true],
    ['busy', (rates?.otherLoad ?? 0) > BUSY],
    ['slow', speed !== null && speed.flops < 20e9],
  ];
  return all.filter(([, applies]) => applies).map(([problem]) => problem);
}
