/** The page about time and cost, and the words of its calculator. */
import {
  bytes,
  count,
  duration,
  energy,
  flops,
  money,
  number,
  percent,
} from '../../../../common/words/format.ts';
import type { LearnPage } from '../../page.ts';

export const time: LearnPage = {
  id: 'time',
  title: 'Time and cost',
  lead: 'The second wall: how much there is to compute, and how fast a computer does it.',
  sections: [
    {
      title: 'Six operations for each weight and token',
      paragraphs: [
        'When a [[token]] is read, each [[weight]] takes part in one multiplication and one addition: 2 operations. On the way back there are as many to find out how each value has to change, and as many for each weight: 6 in all. So a training takes 6 x weights x tokens operations. A model with 7 billion weights and a million tokens: 6 x 7 billion x 1 million = 42 million billion operations. Written short that is 4.2 x 10¹⁶, a 42 with 15 zeros.',
        'The number of tokens is rows x tokens of a row x [[epochs]].',
      ],
    },
    {
      title: 'How much time LoRA saves',
      paragraphs: [
        '[[LoRA]] leaves the weights as they are, so the last 2 of the 6 are saved: 4 remain. The values in between must still be led back through every layer, because the adapters of the lower layers need them. The adapters themselves take 6 operations a weight, but they are small. LoRA saves much memory and about a third of the time. [[QLoRA]] computes the same and unpacks the weights besides, so it is not faster.',
      ],
    },
    {
      title: 'From operations to hours',
      paragraphs: [
        'Makers publish a peak: operations a second when everything goes perfectly. A training reaches a part of it, its [[utilisation]]: 20 to 50% in what was published of large trainings, less with small models and small batches. Hours times the price of an hour give the cost. Prices change all the time: ours are assumptions with a date, so put in the one that you were offered.',
      ],
      figure: 'time-calculator',
    },
    {
      title: 'What this leaves out',
      paragraphs: ['The true time is longer.'],
      points: [
        'The operations of [[attention]] between tokens, which count for long rows.',
        'Loading, evaluations, the [[assessment]] at the end.',
        'Work that is not multiplying matrices, which waits for memory instead of computing.',
        'Whether it fits: a card that is too small needs a smaller model, another method or several cards.',
      ],
    },
    {
      title: 'What your own computer takes',
      paragraphs: [
        'The speed of this computer is measured, not published: in FP32, with the products of matrices that training consists of. The plan of a run goes further: it counts the operations of the very graph that will run, and where this computer needs long for it, it says what the same operations would take on two of these cards.',
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
  recompute: 'Recomputation',
  recomputeHint: 'The way there is computed twice',
  sum: (tokens: number, perToken: number, total: number) =>
    `${number(tokens)} tokens x ${number(perToken / 1e9, 1)} billion operations = ${operations(total)} operations`,
  shares: {
    forward: 'Reading',
    valueGradients: 'Back: values',
    weightGradients: 'Back: weights',
    recompute: 'Reading again',
  },
  perToken: 'Operations for each token',
  table: 'Time and cost on graphics cards',
  columns: {
    name: 'Computer',
    time: 'Time',
    price: 'Price an hour',
    cost: 'Cost',
  },
  here: 'This computer',
  hereFacts: (memoryBytes: number, value: number) => `${bytes(memoryBytes)}, ${flops(value)}, measured`,
  hereCost: (kwh: number | null, cost: number | null, currency: string) =>
    kwh === null ? 'power not set' : money(cost, currency),
  hereEnergy: (kwh: number | null) => (kwh === null ? '' : energy(kwh)),
  electricity: 'electricity',
  hereUnknown: 'The speed of this computer has not been measured yet.',
  measure: 'Measure it in "Your computer"',
  duration: (seconds: number) => duration(seconds),
  card: (memoryBytes: number, peakFlops: number) =>
    `${bytes(memoryBytes)}, ${flops(peakFlops).replace('.0 ', ' ')}`,
  fits: (needed: number) =>
    `The textbook's memory for this method is ${bytes(needed)}, a row at a time in 16 bits (4 for QLoRA).`,
  fitsHere: (needed: number) => `On this computer, which computes in 32 bits, it is ${bytes(needed)}.`,
  tooSmall: 'too small',
  priceOf: (card: string) => `Price an hour on ${card}`,
  assumed: 'assumed',
  yours: 'yours',
  pricesFrom: (month: string, currency: string) =>
    `Prices in ${currency} are our assumptions of ${month}, not offers: type the one that you know.`,
  sources: 'Where the figures of the cards are from',
  trained: (count_: number) => (count_ === 0 ? '' : `Adapters: ${count(count_)} weights.`),
  share: (value: number) => percent(value),
} as const;

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 4.2e16 as people write it: 4.2 x 10¹⁶. */
function operations(value: number): string {
  const exponent = Math.floor(Math.log10(value));
  const raised = [...String(exponent)].map((digit) => RAISED[Number(digit)] ?? digit).join('');
  return `${number(value / 10 ** exponent, 2)} x 10${raised}`;
}
