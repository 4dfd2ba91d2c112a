/** What saves memory where all weights are trained: weights in 16 bits. */
import { said, say } from '../words/language.ts';
import { type Beside, isMixed, keepsHalves, type PlanFacts, setting, usually, whole } from './row.ts';

/** Of a plan: it has no meaning with adapters. */
export const FULL_ONLY = {
  fits: (_: unknown, { method }: PlanFacts) => method === 'full',
  has: ({ method }: Beside) => method === 'full',
};
export const isOpen = ({ method, device, executor }: Beside) =>
  method === 'full' && device === 'cpu' && executor === 'ort';

const MASTERS = { 32: '32 bits', 16: '16 bits, stochastic rounding' } as const;

export const masterBits = setting('masterBits', 'Memory', {
  type: whole(16, 32, { of: [16, 32] }),
  about: 'full: trained weights in 32 bits, or in 16 with stochastic rounding',
  elsewhere: {
    to: '32',
    isOpen: true,
    refused: (value: number | undefined) =>
      value === 16 && say`{masterBits} 16 can be trained on this computer only; leave it out`,
  },
  fallback: '32',
  alsoCalled: ['pure-bf16'],
  allowed: (value: number | undefined, beside) =>
    value === 16 && [
      beside.method !== 'full' &&
        say`{masterBits} 16 needs {method} full; for frozen weights there is {bits}`,
      !keepsHalves(beside) &&
        say`{masterBits} 16 needs the processor and the executor ort; others train in float32`,
      isMixed(beside) && say`{masterBits} 16 doesn’t work with {precision} f16 yet`,
    ],
  // float32 is left out, as in runs from before there was another
  settle: (value: number | undefined) => (value === 16 ? value : undefined),
  resumed: true,
  processorOnly: [16],
  stateOnHost: [16],
  card: {
    name: 'trained weights',
    text: (value: number | undefined) => value === 16 && '16 bits, stochastic rounding',
  },
  words: {
    name: 'Master weights',
    about: 'full fine-tuning: 16 bits need half the memory',
    values: MASTERS,
  },
  plan: {
    values: [16, null],
    anyway: [null],
    read: (given) => (given === 16 ? 16 : given === 32 ? null : undefined),
    usual: usually(null, 'masters-usual', 'masters-adapters'),
    ...FULL_ONLY,
    text: (value: 16 | null) => said(MASTERS[value ?? 32]),
    control: {
      options: [
        { value: 32, label: MASTERS[32] },
        { value: 16, label: MASTERS[16] },
      ],
      hint: '16 bits need half the memory, and take longer.',
      open: isOpen,
      without: { 16: ['precision'] },
    },
    lighter: [
      {
        // the last thing that leaves the rows as they are
        rung: 70,
        degrees: [{ value: 16, why: 'masters-memory', short: 'trained weights in 16 bits' }],
        costsQuality: true,
      },
    ],
    reasons: {
      'masters-usual': () => say`There is enough memory for 32 bits.`,
      'masters-adapters': () => say`Adapters are so small that 16 bits would save almost nothing.`,
      'masters-memory': () => say`Keeps trained weights in 16 bits with stochastic rounding, to save memory.`,
    },
  },
});
