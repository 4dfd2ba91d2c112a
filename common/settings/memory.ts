/** What saves memory at the cost of time: numbers of 16 bits, values computed again, a smaller optimizer. */
import { layerwiseUpdate, masterBits } from './full.ts';
import { type Beside, choice, optionsOf, setting, usually } from './row.ts';

/** Whether products in 16 bits are worth a word: on WebGPU, or where they have been asked for. */
const hasPrecision = ({ precision: now, device, executor }: Beside) =>
  now === 'f16' || (device === 'webgpu' && executor === 'ort');

const PRECISIONS = { f32: '32 bits', f16: '16 bits, with loss scaling' } as const;

const precision = setting('precision', 'Training', {
  type: choice('auto', 'f32', 'f16'),
  default: 'auto',
  about: 'products in float32, or in float16 with loss scaling, for graphics cards',
  alsoCalled: ['fp16', 'half', 'mixed-precision', 'amp', 'float16', 'half-precision'],
  allowed: (value: string, { executor }) =>
    value === 'f16' &&
    executor === 'tfjs' &&
    '{precision} f16 is for the executor ort; TensorFlow.js computes in float32',
  words: {
    about: 'numbers in which matrices are multiplied; 16 bits are for graphics cards that can do it',
    values: { auto: 'Fettle chooses', ...PRECISIONS },
  },
  plan: {
    values: ['f32', 'f16'],
    anyway: ['f32'],
    usual: () => ({ value: 'f32', why: 'precision-exact' }),
    has: hasPrecision,
    control: {
      options: optionsOf(PRECISIONS),
      hint: 'On a card that can do it: often less memory, as the figures show, and faster. It has not been tried on a real one yet.',
      open: hasPrecision,
    },
    reasons: {
      'precision-exact': () =>
        'Products in 32 bits are the most exact. In 16 bits a step often takes less memory on graphics cards that can do it, but that has not been tried on a real one yet.',
    },
  },
});

const RECOMPUTES = {
  none: 'off',
  attention: 'attention',
  third: 'every third layer',
  half: 'every second layer',
  block: 'all layers',
} as const;

type Recompute = keyof typeof RECOMPUTES;

const EVERY_SECOND = ['half', 'every second layer a second time instead of keeping its values'] as const;

/** What a rescue recomputes next, in words that follow "computing". */
const RECOMPUTED_NEXT: Readonly<Record<Recompute, readonly [next: Recompute, how: string] | null>> = {
  none: ['attention', 'the inside of attention a second time instead of keeping it'],
  // not every third one: what ran out of memory is to go on with a fair step less
  attention: EVERY_SECOND,
  third: EVERY_SECOND,
  half: ['block', 'all layers a second time instead of keeping their values'],
  block: null,
};

const recompute = setting('recompute', 'Training', {
  type: choice('none', 'attention', 'third', 'half', 'block'),
  default: 'none',
  about: 'computed again to save memory: nothing, in attention, some layers, or all',
  alsoCalled: ['gradient-checkpointing', 'activation-checkpointing', 'checkpointing', 'grad-checkpoint'],
  // an update of each layer right after its gradient recomputes each block
  settle: (value: Recompute, { layerwiseUpdate: isLayerwise }) => (isLayerwise ? 'block' : value),
  words: {
    name: 'Compute again',
    about: 'what is computed again in place of being kept, to save memory',
    values: RECOMPUTES,
  },
  plan: {
    values: ['none', 'attention', 'third', 'half', 'block'],
    anyway: ['none'],
    usual: () => ({ value: 'none', why: 'recompute-not-needed' }),
    control: { options: optionsOf(RECOMPUTES) },
    lighter: [
      {
        rung: 20,
        degrees: [{ value: 'attention', why: 'recompute-attention', short: 'computes attention again' }],
      },
      {
        rung: 50,
        degrees: [
          { value: 'third', why: 'recompute-third', short: 'computes some values again' },
          { value: 'half', why: 'recompute-half', short: 'computes some values again' },
          { value: 'block', why: 'recompute-block', short: 'computes values again' },
        ],
      },
    ],
    reasons: {
      'recompute-attention': () =>
        'What attention works out between tokens is computed again in place of being kept: a little slower, and what makes it fit.',
      'recompute-third': () =>
        'The values of every third layer are computed again in place of being kept, and of the others what attention works out: slower by about a tenth, and what makes it fit.',
      'recompute-half': () =>
        'The values of every second layer are computed again in place of being kept, and of the others what attention works out: slower by about a sixth, and what makes it fit.',
      'recompute-block': () =>
        'The values of each layer are computed again in place of being kept: slower by about a third, and what makes it fit.',
      'recompute-not-needed': () => 'There is enough memory to keep all values.',
    },
  },
  rescue: {
    rung: 20,
    next: ({ recompute: now }) => {
      const found = RECOMPUTED_NEXT[now as Recompute];
      return (
        found && {
          changes: { recompute: found[0] },
          how: `computing ${found[1]}`,
          sameNumbers: true,
          why: 'what is computed a second time comes out the same; the steps take longer',
        }
      );
    },
  },
});

const OPTIMIZERS = { adamw: 'AdamW', 'adamw-8bit': 'AdamW in 8 bits' } as const;

const optimizer = setting('optimizer', 'Training', {
  type: choice('adamw', 'adamw-8bit'),
  default: 'adamw',
  about: 'AdamW, or the same with its moments in 8 bits: 2 bytes a weight and not 8',
  alsoCalled: ['optim', 'optimiser', 'adam', 'adamw-8bit', 'adam-8bit', 'use-8bit-adam', 'adamw-bnb-8bit'],
  resumed: (value: string) => value !== 'adamw',
  words: {
    about: 'in 8 bits its two numbers for each trained weight take 2 bytes together, and not 8',
    values: OPTIMIZERS,
  },
  plan: {
    values: ['adamw', 'adamw-8bit'],
    anyway: ['adamw'],
    usual: usually('adamw', 'optimizer-usual', 'optimizer-adapters'),
    control: {
      options: optionsOf(OPTIMIZERS),
      // there the state lives on the card, whose update has no moments in 8 bits
      open: ({ device }) => device !== 'webgpu',
    },
    lighter: [
      {
        // it takes less time than recomputing whole blocks
        rung: 30,
        degrees: [{ value: 'adamw-8bit', why: 'optimizer-memory', short: 'moments in 8 bits' }],
        // adapters have too few weights for it to matter
        when: ({ method, device }) => method === 'full' && device !== 'webgpu',
      },
    ],
    reasons: {
      'optimizer-usual': () => 'There is enough memory to keep the moments of all weights as they are.',
      'optimizer-adapters': () =>
        'Adapters have so few weights that smaller moments would save next to nothing.',
      'optimizer-memory': () =>
        'The two moments of each weight take 2 bytes in place of 8: that makes it fit, and the update is a little slower.',
    },
  },
});

export const MEMORY = [precision, recompute, optimizer, masterBits, layerwiseUpdate] as const;
