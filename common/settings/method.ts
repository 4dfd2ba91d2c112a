/** What is trained: all weights, or adapters beside frozen weights, and how those are kept. */
import { said, say } from '../words/language.ts';
import { traitsOf } from './executors.ts';
import { LORA } from './lora.ts';
import { choice, isInt8, isMixed, keepsHalves, keepsNf4, optionsOf, setting, toggle, whole } from './row.ts';

/** The methods as they are called in the application. */
export const METHOD_NAMES = { full: 'Full fine-tuning', lora: 'LoRA', qlora: 'QLoRA' } as const;

const method = setting('method', 'Training', {
  type: choice('lora', 'qlora', 'full'),
  default: 'lora',
  about: 'train adapters (lora), adapters on a 4-bit model (qlora), or all weights (full)',
  elsewhere: { to: 'PEFT for lora and qlora, all weights for full' },
  resumed: true,
  words: { about: 'what is trained: all weights, or small adapters beside them', values: METHOD_NAMES },
  plan: { values: ['full', 'lora', 'qlora'] },
});

const BITS = { 4: '4 bits', 8: '8 bits', 16: '16 bits', 32: '32 bits' } as const;

/** Quantised weights have 4 or 8 bits; those beside which a plain adapter is trained have 16 where that is asked for. */
const bits = setting('bits', 'Memory', {
  type: whole(4, 16, { of: [4, 8, 16] }),
  about: 'bits of frozen weights: 4 or 8 (qlora), or 16 as in their files (lora)',
  elsewhere: {
    to: 'bitsandbytes load_in_4bit or load_in_8bit; 16: the precision that it computes in',
  },
  fallback: '4 for qlora, 32 for lora',
  alsoCalled: ['load-in-4bit', 'load-in-8bit', 'quantization-bit', 'dtype'],
  allowed: (value: number | undefined, beside) =>
    value === 16 &&
    !keepsHalves(beside) &&
    !isMixed(beside) &&
    say`{bits} 16 needs the processor and the executor ort; others keep frozen weights in 32 bits`,
  settle: (value: number | undefined, beside): 4 | 8 | 16 | undefined => {
    if (beside.method === 'qlora') return value === 8 ? 8 : 4;
    return beside.method === 'lora' && value === 16 ? 16 : undefined;
  },
  unused: (value, settled) => {
    if (settled.bits === value) return null;
    const unusedBits = {
      lora: [
        say`{bits} ${String(value)} quantises weights, and the method lora doesn’t.`,
        say`Leave out {bits}, or choose {method} qlora.`,
      ],
      qlora: [
        say`{bits} 16 keeps weights as they are, and the method qlora quantises them.`,
        say`Choose {bits} 4 or 8, or {method} lora with {bits} 16.`,
      ],
      full: [
        say`{bits} is for frozen weights, and the method full trains all of them.`,
        say`Leave out {bits}, or choose {method} lora or qlora.`,
      ],
    } as const;
    return unusedBits[settled.method ?? 'lora'];
  },
  // 16 bits give the same numbers as float32
  resumed: (value: number) => value !== 16,
  processorOnly: [16],
  words: {
    name: 'Quantisation',
    about: 'fewer bits for each frozen weight need less memory',
    usual: '4 bits with QLoRA, otherwise 32',
    values: BITS,
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
    // with products in 8 bits they have 8, which the precision says
    has: (settings) => settings.method !== 'full' && !(settings.bits === null && isInt8(settings)),
    text: (value: keyof typeof BITS | null) => said(BITS[value ?? 32]),
    control: {
      options: [
        { value: 4, label: BITS[4] },
        { value: 8, label: BITS[8] },
      ],
      hint: '4 bits need half the memory. 8 bits lose almost nothing.',
      open: (settings) => settings.method === 'qlora' && settings.bits !== null,
      without: { 8: ['quant'] },
    },
    lighter: [
      {
        rung: 10,
        degrees: [{ value: 16, why: 'bits-memory', short: 'weights in 16 bits' }],
        when: (settings, facts) =>
          settings.method === 'lora' && facts.isHalved && !isMixed(settings) && !isInt8(settings),
      },
    ],
    reasons: {
      'bits-memory': () =>
        say`Weights stay in 16 bits, as in their files, to save memory. Results are the same.`,
      'bits-not-needed': () => say`There is enough memory for 32 bits, which are fastest.`,
      'bits-none': () => say`The model’s files have no 16-bit weights that could stay as they are.`,
      'bits-full': () => say`All weights are trained, so none are quantised.`,
      'bits-rounded': () =>
        say`4 bits need an eighth of the memory. 8 bits are more exact and need twice as much.`,
    },
  },
});

const QUANTS = { int: 'evenly spaced', nf4: 'NF4' } as const;

/** The 4-bit format. NF4 is quicker to give up than computing more values again is (docs/decisions/0029). */
const quant = setting('quant', 'Memory', {
  type: choice('int', 'nf4'),
  about: '4-bit format: evenly spaced values (int), or NF4 (smaller, slower)',
  elsewhere: {
    to: 'bitsandbytes bnb_4bit_quant_type nf4',
    differs: (value: string | undefined, { method, bits }) =>
      method === 'qlora' &&
      bits === 4 &&
      value !== 'nf4' &&
      say`Weights in 4 bits become NF4 there, because bitsandbytes has no evenly spaced format.`,
  },
  fallback: 'int',
  alsoCalled: ['quant-type', 'bnb-4bit-quant-type', 'quantization-type'],
  allowed: (value: string | undefined, beside) => {
    if (value !== 'nf4' || beside.method !== 'qlora') return null;
    if (beside.bits === 8) return say`{quant} nf4 needs {bits} 4; got 8`;
    return !keepsNf4(beside) && say`{quant} nf4 needs the processor; graphics cards use {quant} int`;
  },
  settle: (value: string | undefined, beside): 'nf4' | undefined =>
    beside.method === 'qlora' && value === 'nf4' ? value : undefined,
  unused: (_, settled) =>
    settled.method === 'qlora'
      ? null
      : [
          say`{quant} is for quantised weights, and the method ${settled.method!} has none.`,
          say`Leave out {quant}, or choose {method} qlora.`,
        ],
  resumed: true,
  processorOnly: ['nf4'],
  words: {
    name: 'Quantisation format',
    about: 'which values 4 bits stand for; NF4 is smaller and slightly slower',
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
    text: (value: 'int' | 'nf4' | null) => (value === null ? say`not in 4 bits` : said(QUANTS[value])),
    control: {
      options: optionsOf(QUANTS),
      hint: 'NF4 stays closer to models in 16 bits. Evenly spaced values keep models that are in 4 bits already.',
      // what was chosen before the device can be taken back
      open: ({ quant: now, device }) => now === 'nf4' || (now === 'int' && device === 'cpu'),
    },
    lighter: [
      {
        rung: 40,
        degrees: [{ value: 'nf4', why: 'quant-memory', short: 'NF4' }],
        // blocks of 4 bits in a file are kept by even steps alone
        when: (settings, { isWhole }) =>
          settings.quant === 'int' &&
          isWhole === true &&
          !traitsOf(settings.executor ?? 'ort').isApart &&
          !isMixed(settings),
      },
    ],
    reasons: {
      'quant-usual': () =>
        say`Evenly spaced values are fastest. NF4 stays closer to the model and takes about 5% longer.`,
      'quant-kept': () => say`The model’s file is already quantised, and this keeps it almost unchanged.`,
      'quant-memory': () =>
        say`NF4 saves memory and stays closer to the model. A step takes about 5% longer.`,
      'quant-none': () => say`Only weights in 4 bits have a format.`,
    },
  },
});

const doubleQuant = setting('doubleQuant', 'Memory', {
  type: toggle,
  default: true,
  about: 'also quantise the scales of quantised weights, to 8 bits (qlora)',
  elsewhere: { to: 'bitsandbytes bnb_4bit_use_double_quant' },
  alsoCalled: ['bnb-4bit-use-double-quant', 'double-quantization'],
  settle: (value: boolean, beside) => (beside.method === 'qlora' ? value : undefined),
  resumed: (value: boolean) => value,
  words: {
    name: 'Double quantisation',
    about: 'saves a little more memory with QLoRA',
  },
});

export const METHOD = [method, bits, quant, doubleQuant, ...LORA] as const;
