/** What saves memory where all weights are trained: weights in 16 bits, and an update layer by layer. */
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

const MASTERS = { 32: '32 bits', 16: '16 bits, rounded by chance' } as const;

export const masterBits = setting('masterBits', 'Training', {
  type: whole(16, 32, { of: [16, 32] }),
  about: 'full: all weights in float32, or in 16 bits, rounded by chance',
  fallback: '32',
  alsoCalled: ['master-weights', 'pure-fp16', 'pure-bf16', 'stochastic-rounding', 'half-weights'],
  allowed: (value: number | undefined, beside) =>
    value === 16 && [
      beside.method !== 'full' &&
        '{masterBits} 16 is for {method} full: adapters are small, and frozen weights have {bits}',
      !keepsHalves(beside) &&
        '{masterBits} 16 is for the processor and the executor ort; others train in float32',
      isMixed(beside) && '{masterBits} 16 does not go with {precision} f16 yet',
    ],
  // float32 is left out, as in runs from before there was another
  settle: (value: number | undefined) => (value === 16 ? value : undefined),
  sparse: true,
  resumed: true,
  processorOnly: [16],
  words: {
    name: 'Master weights',
    about: 'full fine-tuning: how all weights are kept from step to step',
    values: MASTERS,
  },
  plan: {
    values: [16, null],
    anyway: [null],
    read: (given) => (given === 16 ? 16 : given === 32 ? null : undefined),
    usual: usually(null, 'masters-usual', 'masters-adapters'),
    ...FULL_ONLY,
    text: (value: 16 | null) => MASTERS[value ?? 32],
    control: {
      options: [
        { value: 32, label: MASTERS[32] },
        { value: 16, label: MASTERS[16] },
      ],
      hint: '16 bits take half the memory of what is trained, and an update takes longer.',
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
      'masters-usual': () => 'There is enough memory to keep all trained weights in 32 bits.',
      'masters-adapters': () =>
        'Adapters have so few weights that 16 bits for each would save next to nothing.',
      'masters-memory': () =>
        'All weights are kept in 16 bits, half of their memory. At each step they are rounded up or down by chance, so that small changes are not lost: that makes it fit.',
    },
  },
});

/** What stands against an update of each layer right after its gradient. */
const layerwiseRefusals = (beside: Beside) => [
  beside.method !== 'full' &&
    '{layerwiseUpdate} is for {method} full: the gradients of adapters are small; leave it out',
  !keepsHalves(beside) &&
    '{layerwiseUpdate} is for the processor and the executor ort; others update all layers at the end of a step',
  isMixed(beside) &&
    '{layerwiseUpdate} does not go with {precision} f16: a step whose gradients overflow is computed again, but the upper layers would have changed by then',
  beside.recompute !== 'none' &&
    beside.recompute !== 'block' &&
    `{layerwiseUpdate} computes each block again: {recompute} must be block or left out; got ${beside.recompute}`,
];

export const layerwiseUpdate = setting('layerwiseUpdate', 'Training', {
  type: toggle,
  default: false,
  about: 'full: update each layer right after its gradient, so one layer has any',
  alsoCalled: [
    'update-per-layer',
    'layer-wise-update',
    'optimizer-in-backward',
    'fused-backward',
    'lomo',
    'adalomo',
  ],
  allowed: (value: boolean, beside) => value && layerwiseRefusals(beside),
  settle: (value: boolean) => value || undefined,
  sparse: true,
  processorOnly: [true],
  words: {
    name: 'Layer-wise update',
    about:
      'full fine-tuning: update each layer as soon as its gradient is known, so that only one layer has gradients at a time',
  },
  plan: {
    values: [true, false],
    anyway: [false],
    usual: usually(false, 'layerwise-not-needed', 'layerwise-adapters'),
    ...FULL_ONLY,
    text: (value: boolean) =>
      value ? 'each layer right after its gradient' : 'all layers at the end of a step',
    control: {
      options: [
        { value: false, key: 'whole', label: 'all layers at the end of a step' },
        { value: true, key: 'layerwise', label: 'each layer right after its gradient' },
      ],
      hint: 'Layer by layer the gradients of all layers are never there at once.',
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
      'layerwise-not-needed': () => 'There is enough memory for the gradients of all layers at once.',
      'layerwise-adapters': () => 'Adapters have so few weights that their gradients take next to nothing.',
      'layerwise-memory': () =>
        'Each layer is updated as soon as its gradient is known, so that only one layer has a gradient at a time: that makes it fit. Only gradients that are too long are shortened a little differently.',
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
        how: 'updating each layer right after its gradient, so that only one layer has gradients at a time',
        sameNumbers: !clips,
        why: clips
          ? 'a gradient that is too long is scaled down before those of all layers are known, so the losses may drift apart a little'
          : 'each layer gets the update that it would have had, only sooner',
      };
    },
  },
});
