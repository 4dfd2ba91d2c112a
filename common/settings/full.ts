/** What saves memory where all weights are trained: weights in 16 bits, and an update layer by layer. */
import { said, say } from '../words/language.ts';
import { isOverPairs } from './objective.ts';
import {
  type Beside,
  isMixed,
  keepsHalves,
  listed,
  type PlanFacts,
  setting,
  toggle,
  usually,
  whole,
} from './row.ts';

/** Of a plan: neither has a meaning with adapters. */
const FULL_ONLY = {
  fits: (_: unknown, { method }: PlanFacts) => method === 'full',
  has: ({ method }: Beside) => method === 'full',
};
const isOpen = ({ method, device, executor }: Beside) =>
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

/** What stands against an update of each layer right after its gradient. */
const layerwiseRefusals = (beside: Beside) => [
  beside.method !== 'full' && say`{layerwiseUpdate} needs {method} full; leave it out`,
  !keepsHalves(beside) && say`{layerwiseUpdate} needs the processor and the executor ort`,
  isOverPairs(beside) &&
    say`{layerwiseUpdate} doesn’t work with {objective} ${beside.objective!}, whose loss needs all answers at once`,
  isMixed(beside) &&
    say`{layerwiseUpdate} doesn’t work with {precision} f16, which may have to repeat a step`,
  beside.recompute !== undefined &&
    beside.recompute !== 'none' &&
    beside.recompute !== 'block' &&
    say`{layerwiseUpdate} recomputes all layers: {recompute} must be block or left out; got ${beside.recompute}`,
];

const LAYERS = { whole: 'all layers together', layerwise: 'one layer at a time' } as const;

export const layerwiseUpdate = setting('layerwiseUpdate', 'Memory', {
  type: toggle,
  default: false,
  about: 'full: update each layer as soon as its gradient is known, to save memory',
  elsewhere: {
    to: 'none',
    isOpen: true,
    refused: (value: boolean | undefined) =>
      value === true && say`{layerwiseUpdate} saves memory on this computer; leave it out`,
  },
  allowed: (value: boolean, beside) => value && layerwiseRefusals(beside),
  settle: (value: boolean) => value || undefined,
  processorOnly: [true],
  words: {
    name: 'Layer-wise update',
    about: 'full fine-tuning: updates one layer at a time to save memory',
  },
  plan: {
    values: [true, false],
    anyway: [false],
    usual: usually(false, 'layerwise-not-needed', 'layerwise-adapters'),
    ...FULL_ONLY,
    text: (value: boolean) => said(value ? LAYERS.layerwise : LAYERS.whole),
    control: {
      options: [
        { value: false, key: 'whole', label: LAYERS.whole },
        { value: true, key: 'layerwise', label: LAYERS.layerwise },
      ],
      hint: 'One layer at a time needs less memory for gradients.',
      open: isOpen,
      without: { layerwise: ['recompute', 'precision'] },
    },
    lighter: [
      {
        // in no more time than recomputing each block: it changes only how gradients are clipped
        rung: 60,
        degrees: [{ value: true, why: 'layerwise-memory', short: 'updates layer by layer' }],
        when: (settings) => settings.recompute === 'block',
      },
    ],
    reasons: {
      'layerwise-not-needed': () => say`There is enough memory for the gradients of all layers.`,
      'layerwise-adapters': () => say`Adapters are so small that their gradients need almost no memory.`,
      'layerwise-memory': () =>
        say`Updates one layer at a time to save memory. Long gradients are limited slightly differently.`,
    },
  },
  rescue: {
    // after all else that costs time alone; the state is the same with and without it
    rung: 30,
    next: (settings, { onProcessor }) => {
      if (settings.recompute !== 'block' || settings.layerwiseUpdate || !onProcessor) return null;
      if (listed(layerwiseRefusals({ ...settings, device: 'cpu' })).length > 0) return null;
      const clips = (settings.maxGradNorm ?? 0) > 0;
      return {
        changes: { layerwiseUpdate: true },
        how: say`with updates of one layer at a time`,
        sameNumbers: !clips,
        why: clips
          ? say`long gradients are limited layer by layer, so losses may differ slightly`
          : say`each layer gets the same update, only sooner`,
      };
    },
  },
});
