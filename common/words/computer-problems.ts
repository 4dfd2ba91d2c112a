/** What may get in the way of training on this computer, and what helps: for the wizard and the command line alike. */
import type { ComputerFacts } from '../api/contract.ts';

type ComputerProblem = 'battery' | 'busy' | 'disk' | 'memory' | 'memory-used' | 'slow';

const GB = 1e9;
/** Of all cores: beside programs that use more than this a measurement says little of the computer. */
const BUSY = 0.4;

type Facts = Pick<ComputerFacts, 'totalMemory' | 'freeMemory' | 'freeDisk' | 'onBattery' | 'speed' | 'rates'>;

/** What may get in the way, the gravest first. */
export function problemsOf(facts: Facts): ComputerProblem[] {
  const { totalMemory, freeMemory, freeDisk, onBattery, speed, rates } = facts;
  const isUsedUp = totalMemory >= 4 * GB && freeMemory < totalMemory / 4;
  const isBusy = (rates?.otherLoad ?? 0) > BUSY;
  const all: readonly [ComputerProblem, boolean][] = [
    ['memory', totalMemory < 4 * GB],
    ['memory-used', isUsedUp],
    ['disk', freeDisk !== null && freeDisk < 5 * GB],
    ['battery', onBattery === true],
    ['busy', isBusy],
    // a test beside busy programs says nothing of the computer
    ['slow', !isBusy && speed !== null && speed.flops < 20e9],
  ];
  return all.filter(([, applies]) => applies).map(([problem]) => problem);
}

/** Each with what helps. */
export const computerProblems: Readonly<
  Record<ComputerProblem, { readonly title: string; readonly fix: string }>
> = {
  battery: {
    title: 'The computer runs on battery',
    fix: 'Plug it in. On battery, training is slower.',
  },
  busy: {
    title: 'Other programs were busy during the test',
    fix: 'Close them and check again.',
  },
  disk: {
    title: 'Little disk space is free',
    fix: 'Free 5 GB, or move the data folder in Settings.',
  },
  memory: {
    title: 'This computer has little memory',
    fix: 'Choose a small model. The practice model needs less than half a gigabyte.',
  },
  'memory-used': {
    title: 'Most of the memory is in use',
    fix: 'Close other programs, such as browsers.',
  },
  slow: {
    title: 'This computer is slow for training',
    fix: 'Start with a small model.',
  },
};
