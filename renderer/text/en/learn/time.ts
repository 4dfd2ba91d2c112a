/** The page about time and cost, and the words of its calculator. */
import { bytes, count, duration, energy, flops, money, number } from '../../../../common/words/format.ts';
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
      title: 'Cards in parallel',
      paragraphs: [
        'All weights of a large model can be trained only on several cards at once. Each card keeps a part of the weights, [[gradients]] and [[moments]], computes rows of its own, and gets the other parts from its neighbours when it is their turn. So the cards also wait for each other.',
        'One training is rarely the last: settings, rows and mistakes make a series of it. [[LoRA]] and [[QLoRA]] need fewer cards, because little is trained.',
      ],
      figure: 'cluster-calculator',
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
    'Cards in parallel: S. Rajbhandari and others, "ZeRO: Memory Optimizations Toward Training Trillion Parameter Models", 2020 (arXiv 1910.02054). The same arithmetic gives the hours that were published for Llama 2 (H. Touvron and others, 2023, arXiv 2307.09288) within a tenth.',
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

/** The words of the calculator of cards in parallel. */
export const clusterWords = {
  card: 'Card',
  experiments: 'Experiments of a series',
  more: 'More figures',
  leastCards: 'Cards at least',
  rowsPerCard: 'Rows of a card at once',
  reserve: 'Memory that stays free',
  percent: '%',
  network: 'Network between computers',
  networkUnit: 'GB/s a card',
  price: 'Price an hour of a card',
  watts: 'Power of a card',
  wattsUnit: 'W',
  surroundings: 'Power with everything around it',
  times: 'times',
  table: 'Trainings of large models on several cards',
  columns: { name: 'Model', cards: 'Cards', time: 'Time', one: 'One experiment', series: 'Series' },
  none: 'no room',
  noRoom: (name: string) =>
    `${name}: not even the rows of one card fit into it. Take fewer rows at once, shorter rows, or another card.`,
  cost: (cost: number, currency: string, kwh: number) => `${money(cost, currency)}, ${energy(kwh)}`,
  arithmetic: (name: string) => `How ${name} was reckoned`,
  states: (parts: string, total: number) => `Memory: ${parts} = ${bytes(total)}`,
  part: (label: string, size: number) => `${label} ${bytes(size)}`,
  ofACard: (
    whole: number,
    cards: number,
    activations: number,
    layers: number,
    one: number,
    memory: number,
  ) =>
    cards === 1
      ? `A card: ${bytes(whole)} + activations ${bytes(activations)} = ${bytes(one)} of ${bytes(memory)}`
      : `A card: ${bytes(whole)} / ${number(cards)} + activations ${bytes(activations)} + two layers on their way ${bytes(layers)} = ${bytes(one)} of ${bytes(memory)}`,
  steps: (rows: number, epochs: number, cards: number, each: number, steps: number) =>
    `Steps: ${number(rows)} rows x ${number(epochs, 3, 0)} epochs / (${number(cards)} x ${number(each)} rows at once) = ${number(steps)}`,
  computing: (total: number, cards: number, peak: number, share: number, seconds: number) =>
    `Computing: ${operations(total)} operations / (${number(cards)} x ${flops(peak)} x ${number(100 * share)}%) = ${duration(seconds)}`,
  traffic: (size: number, link: number, steps: number, seconds: number) =>
    `Waiting for other cards: ${bytes(size)} a step / ${bytes(link)} a second x ${number(steps)} = ${duration(seconds)}. While a card computes, the next layer arrives: the longer of both counts.`,
  hours: (seconds: number, cards: number, hours: number) =>
    `${duration(seconds)} x ${number(cards)} = ${number(hours, 1)} hours of a card`,
  costs: (hours: number, price: number, currency: string, cost: number) =>
    `Money: ${number(hours, 1)} hours x ${money(price, currency)} = ${money(cost, currency)}`,
  energy: (hours: number, watts: number, factor: number, kwh: number) =>
    `Energy: ${number(hours, 1)} hours x ${number(watts)} W x ${number(factor, 2)} = ${energy(kwh)}`,
} as const;

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 4.2e16 as people write it: 4.2 x 10¹⁶. */
export function operations(value: number): string {
  const exponent = Math.floor(Math.log10(value));
  const raised = [...String(exponent)].map((digit) => RAISED[Number(digit)] ?? digit).join('');
  return `${number(value / 10 ** exponent, 2)} x 10${raised}`;
}
