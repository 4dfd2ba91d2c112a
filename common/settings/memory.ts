/** What saves memory at the cost of time: 16-bit precision, activation recompute, a smaller optimizer state. */

import { number } from '../words/format.ts';
import { said, say } from '../words/language.ts';
import { traitsOf } from './executors.ts';
import { masterBits } from './full.ts';
import { type Beside, choice, optionsOf, type PlanFacts, refusalsIn, setting, usually } from './row.ts';
import { TINY } from './sizes.ts';

/** Whether products in 16 bits are worth a word: on a card, or where they have been asked for. */
const hasHalves = ({ precision: now, device, executor }: Beside) =>
  now === 'f16' || executor === 'ggml' || (device === 'webgpu' && executor === 'ort');

const PRECISIONS = { f32: '32 bits', f16: '16 bits', int8: '8 bits' } as const;
const isInt8Now = ({ precision: now }: Beside) => now === 'int8';

/** What stands against products in 8 bits. */
function int8Refusals(beside: Beside): (string | false)[] {
  const { method, bits, executor = 'ort', device = 'auto' } = beside;
  return [
    executor !== 'ort' && say`{precision} int8 needs the executor ort; got ${executor}`,
    device !== 'auto' &&
      device !== 'cpu' &&
      say`{precision} int8 needs the processor; got the device ${device}`,
    method === 'qlora' && bits !== 8 && say`{precision} int8 needs {bits} 8; got ${bits ?? 4}`,
    method !== 'qlora' && bits === 16 && say`{precision} int8 keeps weights in 8 bits, and {bits} is 16`,
  ];
}

/** What stands against products in 16 bits. */
const halfRefusal = ({ executor = 'ort' }: Beside) => traitsOf(executor).halfRefusal?.() ?? false;

/** Whether a run may multiply in 8 bits: with all frozen weights that have 8 bits, or may. */
function mayUseInt8(beside: Beside): boolean {
  return refusalsIn(int8Refusals(beside)).length === 0;
}

/** Weights from which on products in 8 bits are quicker; where all are trained they are quantised in each micro-batch, which takes its time. */
const LEAST_FOR_INT8 = { lora: TINY, qlora: TINY, full: 5e7 } as const;

/** Whether a model is large enough for products in 8 bits to gain time, and its run may have them. */
export function gainsByInt8({
  method,
  parameters,
  settings,
}: Pick<PlanFacts, 'method' | 'parameters' | 'settings'>): boolean {
  return parameters >= LEAST_FOR_INT8[method] && mayUseInt8(settings);
}

/** What `auto` stands for: the one place in which plan, application and command line choose (docs/decisions/0106). */
export function usualPrecision(facts: Pick<PlanFacts, 'method' | 'parameters' | 'int8Gain' | 'settings'>) {
  const { method, parameters, int8Gain, settings } = facts;
  if (!mayUseInt8(settings)) return { value: 'f32', why: 'precision-exact' } as const;
  if (parameters < LEAST_FOR_INT8[method]) return { value: 'f32', why: 'precision-small' } as const;
  if (int8Gain === null) return { value: 'f32', why: 'precision-no-gain' } as const;
  const why = method === 'full' ? 'precision-int8-full' : 'precision-int8';
  return { value: 'int8', why, numbers: { gain: int8Gain } } as const;
}

const precision = setting('precision', 'Memory', {
  type: choice('auto', 'f32', 'f16', 'int8'),
  default: 'auto',
  about: 'auto: the quickest that a test on this computer found right; f16 is for cards',
  elsewhere: {
    to: 'auto: bfloat16 where the card has it, else float32; f16: float16 with loss scaling',
    isOpen: true,
    refused: (value: string) =>
      value === 'int8' && say`{precision} int8 is a format of this computer; leave it out`,
  },
  alsoCalled: ['fp16', 'mixed-precision', 'amp', 'float16'],
  allowed: (value: string, beside) =>
    value === 'int8' ? int8Refusals(beside) : value === 'f16' && halfRefusal(beside),
  // its products are others
  resumed: (value: string) => value === 'int8',
  processorOnly: ['int8'],
  words: {
    about: 'number format for computing; 8 bits are for processors, 16 for graphics cards',
    values: { auto: 'automatic', ...PRECISIONS },
  },
  plan: {
    values: ['f32', 'f16', 'int8'],
    anyway: ['f32'],
    usual: usualPrecision,
    has: (beside) => hasHalves(beside) || isInt8Now(beside),
    control: {
      options: [
        { value: 'f32', label: PRECISIONS.f32 },
        { value: 'f16', label: PRECISIONS.f16, when: hasHalves },
        { value: 'int8', label: PRECISIONS.int8, when: isInt8Now },
      ],
      hint: '32 bits are the most exact. Fewer bits need less memory.',
      open: (beside) => hasHalves(beside) || isInt8Now(beside),
    },
    reasons: {
      'precision-int8': ({ gain }: { gain: number }) =>
        say`8 bits are ${number(gain, 1)} times as fast as 32 in a test on this computer, and need less memory. The loss changes by less than 1%.`,
      'precision-int8-full': ({ gain }: { gain: number }) =>
        say`8 bits are ${number(gain, 1)} times as fast as 32 in a test on this computer. The loss changes by less than 1%.`,
      'precision-no-gain': () =>
        say`32 bits are the most exact, and a test on this computer found 8 bits no faster or not exact enough.`,
      'precision-small': () =>
        say`32 bits are the most exact. Fewer bits gain no time in a model this small.`,
      'precision-exact': () =>
        say`32 bits are the most exact. 16 bits have not been tested on a real graphics card yet.`,
    },
  },
});

const RECOMPUTES = {
  none: 'off',
  attention: 'attention only',
  third: 'every third layer',
  half: 'every second layer',
  block: 'all layers',
} as const;

type Recompute = keyof typeof RECOMPUTES;

/** What a rescue recomputes next. */
const RECOMPUTED_NEXT: Readonly<Record<Recompute, Recompute | null>> = {
  none: 'attention',
  // not every third one: what ran out of memory is to continue with a fair step less
  attention: 'half',
  third: 'half',
  half: 'block',
  block: null,
};

/** Without a word from the person: QLoRA is chosen for its memory, and needs half of LoRA's with this (docs/memory.md). */
const usualRecompute = ({ method }: Pick<Beside, 'method'>): Recompute =>
  method === 'qlora' ? 'half' : 'none';

const recompute = setting('recompute', 'Memory', {
  type: choice('none', 'attention', 'third', 'half', 'block'),
  fallback: 'half for qlora, otherwise none',
  about: 'activation recompute (gradient checkpointing), to save memory',
  elsewhere: { to: 'gradient_checkpointing, of all layers or none' },
  alsoCalled: ['gradient-checkpointing', 'activation-checkpointing', 'grad-checkpoint'],
  settle: (value: Recompute | undefined, beside): Recompute => value ?? usualRecompute(beside),
  words: {
    name: 'Activation recompute',
    about: 'saves memory by computing parts of the model twice, which takes longer',
    usual: 'every second layer with QLoRA, otherwise off',
    values: RECOMPUTES,
  },
  plan: {
    values: ['none', 'attention', 'third', 'half', 'block'],
    anyway: (settings) => [usualRecompute(settings)],
    usual: (facts) => ({
      value: usualRecompute(facts),
      why: facts.method === 'qlora' ? 'recompute-qlora' : 'recompute-not-needed',
    }),
    control: { options: optionsOf(RECOMPUTES) },
    lighter: [
      {
        rung: 20,
        degrees: [{ value: 'attention', why: 'recompute-attention', short: 'recomputes attention' }],
        when: (settings) => settings.recompute === 'none',
      },
      {
        rung: 50,
        degrees: [
          { value: 'third', why: 'recompute-third', short: 'recomputes some layers' },
          { value: 'half', why: 'recompute-half', short: 'recomputes some layers' },
          { value: 'block', why: 'recompute-block', short: 'recomputes all layers' },
        ],
      },
    ],
    reasons: {
      'recompute-attention': () => say`Recomputes attention to save memory, which is slightly slower.`,
      'recompute-third': () =>
        say`Recomputes every third layer to save memory, which takes about a tenth longer.`,
      'recompute-half': () =>
        say`Recomputes every second layer to save memory, which takes about a sixth longer.`,
      'recompute-block': () => say`Recomputes all layers to save memory, which takes about a third longer.`,
      'recompute-qlora': () =>
        say`QLoRA is for saving memory: every second layer is recomputed, which takes about a sixth longer.`,
      'recompute-not-needed': () => say`There is enough memory to keep everything.`,
    },
  },
  rescue: {
    rung: 20,
    next: ({ recompute: now }) => {
      const next = RECOMPUTED_NEXT[now as Recompute];
      return (
        next && {
          changes: { recompute: next },
          how: say`with more activation recompute (${said(RECOMPUTES[next])})`,
          sameNumbers: true,
          why: say`recomputed values are the same; steps take longer`,
        }
      );
    },
  },
});

const OPTIMIZERS = { adamw: 'AdamW', 'adamw-8bit': 'AdamW, 8 bits' } as const;

const optimizer = setting('optimizer', 'Memory', {
  type: choice('adamw', 'adamw-8bit'),
  default: 'adamw',
  about: 'AdamW, or AdamW with 8-bit state: 2 bytes per weight instead of 8',
  elsewhere: { to: 'adamw_torch; adamw-8bit: adamw_bnb_8bit' },
  alsoCalled: ['optim', 'use-8bit-adam'],
  resumed: (value: string) => value !== 'adamw',
  stateOnHost: ['adamw-8bit'],
  card: { name: 'optimizer', text: (value: string) => value === 'adamw-8bit' && 'AdamW, moments in 8 bits' },
  words: {
    about: 'updates the weights; 8 bits need a quarter of its memory',
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
        degrees: [{ value: 'adamw-8bit', why: 'optimizer-memory', short: '8-bit optimizer' }],
        // adapters have too few weights for it to matter
        when: ({ method, device }) => method === 'full' && device !== 'webgpu',
      },
    ],
    reasons: {
      'optimizer-usual': () => say`There is enough memory for the optimizer in full precision.`,
      'optimizer-adapters': () => say`Adapters are so small that 8 bits would save almost nothing.`,
      'optimizer-memory': () => say`Keeps the optimizer in 8 bits to save memory, which is slightly slower.`,
    },
  },
});

export const MEMORY = [precision, recompute, optimizer, masterBits] as const;
