/** What is trained: all weights, or adapters beside frozen weights, and how those are kept. */
import { LORA } from './lora.ts';
import { choice, isMixed, keepsHalves, keepsNf4, optionsOf, setting, toggle, whole } from './row.ts';

/** The methods as they are called in the application. */
export const METHOD_NAMES = { full: 'Full fine-tuning', lora: 'LoRA', qlora: 'QLoRA' } as const;

const method = setting('method', 'Training', {
  type: choice('lora', 'qlora', 'full'),
  default: 'lora',
  about: 'train an adapter (lora), one beside rounded weights (qlora), or all (full)',
  resumed: true,
  words: { values: METHOD_NAMES },
  plan: { values: ['full', 'lora', 'qlora'] },
});

/** Rounded weights have 4 or 8 bits; those beside which a plain adapter is trained have 16 where that is asked for. */
const bits = setting('bits', 'Training', {
  type: whole(4, 16, { of: [4, 8, 16] }),
  about: 'frozen weights: rounded to 4 or 8 bits (qlora), or 16 as in their files (lora)',
  fallback: '4, or float32 with the method lora',
  alsoCalled: ['load-in-4bit', 'load-in-8bit', 'quantization-bit', 'bnb-4bit', 'quantise-bits', 'dtype'],
  allowed: (value: number | undefined, beside) =>
    value === 16 &&
    !keepsHalves(beside) &&
    !isMixed(beside) &&
    '{bits} 16 is for the processor and the executor ort; others keep frozen weights in float32',
  settle: (value: number | undefined, beside): 4 | 8 | 16 | undefined => {
    if (beside.method === 'qlora') return value === 8 ? 8 : 4;
    return beside.method === 'lora' && value === 16 ? 16 : undefined;
  },
  sparse: true,
  unused: (value, settled) => {
    if (settled.bits === value) return null;
    const unusedBits = {
      lora: [
        `{bits} ${value} rounds the weights, which the method lora does not do.`,
        'Leave out {bits}, or take {method} qlora.',
      ],
      qlora: [
        '{bits} 16 leaves the weights as they are, and the method qlora rounds them.',
        'Take {bits} 4 or 8, or {method} lora with {bits} 16.',
      ],
      full: [
        '{bits} is for weights that are not trained, and the method full trains all of them.',
        'Leave out {bits}, or take {method} lora or qlora.',
      ],
    } as const;
    return unusedBits[settled.method ?? 'lora'];
  },
  // 16 bits give the same numbers as float32
  resumed: (value: number) => value !== 16,
  processorOnly: [16],
  words: {
    name: 'Quantisation',
    about:
      'how the weights that are not trained are kept: 4 or 8 bits with QLoRA, 16 with LoRA where the model’s files have 16',
    usual: '4 bits with QLoRA, 32 else',
    values: { 4: '4 bits', 8: '8 bits', 16: '16 bits, as in the model’s files' },
  },
  plan: {
    values: [4, 8, 16, null],
    anyway: [null, 4],
    usual: (facts) => {
      if (facts.method === 'full') return { value: null, why: 'bits-full' };
      if (facts.method === 'qlora') return { value: 4, why: 'bits-rounded' };
      return { value: null, why: facts.isHalved ? 'bits-not-needed' : 'bits-none' };
    },
    fits: (value, facts) =>
      facts.method === 'qlora'
        ? value === 4 || value === 8
        : facts.method === 'lora' && (value === 16 || value === null),
    has: (settings) => settings.method !== 'full',
    text: (value: number | null) =>
      value === 16 ? '16 bits, as in its files' : value === null ? '32 bits' : `${value} bits`,
    control: {
      options: [
        { value: 4, label: '4 bits' },
        { value: 8, label: '8 bits' },
      ],
      hint: '4 bits take half the memory; 8 bits lose next to nothing.',
      open: (settings) => settings.method === 'qlora' && settings.bits !== null,
      without: { 8: ['quant'] },
    },
    lighter: [
      {
        rung: 10,
        degrees: [{ value: 16, why: 'bits-memory', short: 'weights in 16 bits' }],
        when: (settings, facts) => settings.method === 'lora' && facts.isHalved && !isMixed(settings),
      },
    ],
    reasons: {
      'bits-memory': () =>
        'The weights stay in the 16 bits in which the model’s files have them, half of the memory, and are made exact for each product: the results are the same, and it fits.',
      'bits-not-needed': () =>
        'There is enough memory for the weights in 32 bits, with which a step is quickest.',
      'bits-none': () =>
        'Only weights that are not trained and have 16 bits in the model’s files can stay in them.',
      'bits-full': () => 'All weights are trained, so none of them are rounded.',
      'bits-rounded': () =>
        'QLoRA rounds the weights that are not trained to 4 bits, an eighth of their memory. In 8 bits next to nothing is lost, and they take twice as much.',
    },
  },
});

const QUANTS = { int: 'even steps', nf4: 'NF4' } as const;

/** The codes of 4 bits. NF4 is quicker to give up than computing more values again is (docs/decisions/0029). */
const quant = setting('quant', 'Training', {
  type: choice('int', 'nf4'),
  about: 'codes of 4 bits: even steps (int), or the 16 values of NF4 (smaller, slower)',
  fallback: 'int',
  alsoCalled: ['quant-type', 'bnb-4bit-quant-type', 'quantization-type', 'nf4'],
  allowed: (value: string | undefined, beside) => {
    if (value !== 'nf4' || beside.method !== 'qlora') return null;
    if (beside.bits === 8) return '{quant} nf4 has 16 values, which are {bits} 4; got 8';
    return !keepsNf4(beside) && '{quant} nf4 is for the processor; graphics cards have {quant} int';
  },
  settle: (value: string | undefined, beside): 'nf4' | undefined =>
    beside.method === 'qlora' && value === 'nf4' ? value : undefined,
  sparse: true,
  unused: (_, settled) =>
    settled.method === 'qlora'
      ? null
      : [
          `{quant} tells how weights are rounded, which the method ${settled.method} does not do.`,
          'Leave out {quant}, or take {method} qlora.',
        ],
  resumed: true,
  processorOnly: ['nf4'],
  words: {
    name: 'Values of 4 bits',
    about: 'the 16 values that weights of 4 bits can have: NF4 is smaller and a little slower',
    values: QUANTS,
  },
  plan: {
    values: ['int', 'nf4', null],
    anyway: [null, 'int'],
    usual: ({ method, settings, isWhole }) =>
      method === 'qlora' && settings.bits === 4
        ? { value: 'int', why: isWhole === false ? 'quant-kept' : 'quant-usual' }
        : { value: null, why: 'quant-none' },
    fits: (value, { method, settings }) => value !== null && method === 'qlora' && settings.bits === 4,
    has: (settings) => settings.quant !== null,
    text: (value: 'int' | 'nf4' | null) => (value === null ? 'no codes of 4 bits' : QUANTS[value]),
    control: {
      options: optionsOf(QUANTS),
      hint: 'Take NF4 where the model’s file has 16 bits: it stays closer to the model and is smaller, and a twentieth slower. Even steps keep a file that has 4 bits already.',
      // what was chosen before the device can be taken back
      open: ({ quant: now, device }) => now === 'nf4' || (now === 'int' && device === 'cpu'),
    },
    lighter: [
      {
        rung: 40,
        degrees: [{ value: 'nf4', why: 'quant-memory', short: 'NF4' }],
        // blocks of 4 bits in a file are kept by even steps alone
        when: (settings, { isWhole }) =>
          settings.quant === 'int' && isWhole === true && settings.executor !== 'tfjs' && !isMixed(settings),
      },
    ],
    reasons: {
      'quant-usual': () =>
        'Even steps are the quickest. From files in 16 bits NF4 stays closer to the model: when we measured it, the held-out loss came within 2.0% of LoRA’s and not 2.3%, and a step took a twentieth longer.',
      'quant-kept': () =>
        'The model’s file is rounded already. Even steps keep its weights of 4 bits nearly as they are: when we measured it, the held-out loss came within 0.1% of LoRA’s.',
      'quant-memory': () =>
        'NF4 takes 4.1 bits for each weight in place of 4.5, which helps it fit, and stays closer to a model whose file has 16 bits. A step takes about a twentieth longer.',
      'quant-none': () => 'Only weights in 4 bits have such a choice.',
    },
  },
});

const doubleQuant = setting('doubleQuant', 'Training', {
  type: toggle,
  default: true,
  about: 'round the scales of rounded weights, too: to 8 bits (qlora)',
  alsoCalled: ['bnb-4bit-use-double-quant', 'double-quantization', 'nested-quant'],
  settle: (value: boolean, beside) => (beside.method === 'qlora' ? value : undefined),
  sparse: true,
  resumed: (value: boolean) => value,
  words: {
    name: 'Double quantisation',
    about: 'round the scales of rounded weights, too, to 8 bits (QLoRA)',
  },
});

export const METHOD = [method, bits, quant, doubleQuant, ...LORA] as const;
