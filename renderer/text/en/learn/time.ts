/** The page about time and cost, and the words of its calculator. */
import { bytes, count, energy, flops, money, number } from '../../../../common/words/format.ts';
import type { LearnPage } from '../../page.ts';

export const time: LearnPage = {
  id: 'time',
  title: 'Time and cost',
  lead: 'How long a training takes depends on how much there is to compute and how fast your computer does it.',
  sections: [
    {
      title: 'Six operations for each weight and token',
      paragraphs: [
        'A training takes about 6 x weights x tokens operations. In the forward pass each [[weight]] takes part in one multiplication and one addition for each [[token]]: 2 operations. The backward pass takes 2 to find how each value must change, and 2 more for each weight.',
        'A model with 7 billion weights and a million tokens: 6 x 7 billion x 1 million = 42 million billion operations. Written short that is 4.2 x 10¹⁶, a 42 with 15 zeros. The number of tokens is rows x tokens of a row x [[epochs]].',
      ],
    },
    {
      title: 'How much time LoRA saves',
      paragraphs: [
        '[[LoRA]] saves about a third of the time, and much more memory. It does not change the weights, so 4 of the 6 operations remain. The gradients must still pass through every layer to reach the adapters. [[QLoRA]] is not faster: it computes the same and also unpacks the weights.',
      ],
    },
    {
      title: 'From operations to hours',
      paragraphs: [
        'Makers publish a peak speed, and a training reaches part of it: its [[utilisation]]. Large trainings have published 20 to 50%; small models and small batches reach less. Hours times the price of an hour give the cost. Prices change often: these are assumptions with a date, so enter the price you were offered.',
      ],
      figure: 'time-calculator',
    },
    {
      title: 'What this leaves out',
      paragraphs: ['The true time is longer.'],
      points: [
        'Long rows: the [[attention]] between tokens adds operations.',
        'Loading, evaluations, and the [[assessment]] at the end.',
        'Work that waits for memory, not for computing.',
        'Too little memory: then you need a smaller model, another method or several cards.',
      ],
    },
    {
      title: 'Your own computer',
      paragraphs: [
        'Its speed is measured, not published: in FP32, with the matrix products of a training. The plan of a run is more exact. It counts every operation, and if your computer needs long, it names the time on two of these cards.',
      ],
    },
  ],
  sources: [
    '6 operations: J. Kaplan and others, "Scaling Laws for Neural Language Models", 2020 (arXiv 2001.08361).',
    'Utilisation: A. Chowdhery and others, "PaLM: Scaling Language Modeling with Pathways", 2022 (arXiv 2204.02311), where the term is explained and figures of several trainings are compared.',
    "Peaks and memory: the makers' data sheets and architecture papers, named in the table. All are for dense matrices in 16 bits, added up in 32.",
  ],
};

export const timeWords = {
  rows: 'Rows',
  tokensPerRow: 'Tokens of a row',
  epochs: 'Epochs',
  utilisation: 'Utilisation',
  utilisationUnit: '% of the peak',
  recompute: 'Activation recompute',
  recomputeHint: 'Computes the forward pass twice to save memory',
  sum: (tokens: number, perToken: number, total: number) =>
    `${number(tokens)} tokens x ${number(perToken / 1e9, 1)} billion operations = ${operations(total)} operations`,
  shares: {
    forward: 'Forward pass',
    valueGradients: 'Backward: values',
    weightGradients: 'Backward: weights',
    recompute: 'Recompute',
  },
  perToken: 'Operations for each token',
  table: 'Time and cost on graphics cards',
  columns: {
    name: 'Computer',
    time: 'Time',
    price: 'Price an hour',
    cost: 'Cost',
  },
  here: 'Your computer',
  hereFacts: (memoryBytes: number, value: number) => `${bytes(memoryBytes)}, ${flops(value)}, measured`,
  hereCost: (kwh: number | null, cost: number | null, currency: string) =>
    kwh === null ? 'power not set' : money(cost, currency),
  hereEnergy: (kwh: number | null) => (kwh === null ? '' : energy(kwh)),
  electricity: 'electricity',
  hereUnknown: 'Your computer’s speed is not measured yet.',
  measure: 'Measure it in "Your computer"',
  card: (memoryBytes: number, peakFlops: number) =>
    `${bytes(memoryBytes)}, ${flops(peakFlops).replace('.0 ', ' ')}`,
  fits: (needed: number) =>
    `By the textbook this method needs ${bytes(needed)} of memory, one row at a time in 16 bits (QLoRA: 4).`,
  fitsHere: (needed: number) => `Your computer computes in 32 bits and needs ${bytes(needed)}.`,
  tooSmall: 'too small',
  priceOf: (card: string) => `Price an hour on ${card}`,
  assumed: 'assumed',
  yours: 'yours',
  pricesFrom: (month: string, currency: string) =>
    `Prices in ${currency} are assumptions of ${month}, not offers. Enter the one you know.`,
  sources: 'Sources of these figures',
  trained: (count_: number) => (count_ === 0 ? '' : `Adapters: ${count(count_)} weights.`),
} as const;

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 4.2e16 as people write it: 4.2 x 10¹⁶. */
export function operations(value: number): string {
  const exponent = Math.floor(Math.log10(value));
  const raised = [...String(exponent)].map((digit) => RAISED[Number(digit)] ?? digit).join('');
  return `${number(value / 10 ** exponent, 2)} x 10${raised}`;
}
