/** The page about time and cost, and the words of its calculator. */
import { bytes, count, duration, energy, flops, money, number } from '../../../../common/words/format.ts';
import english from '../../../../words/en/pages/learn-time.json' with { type: 'json' };
import { texts } from '../../../text/texts.ts';
import type { LearnPage } from './page.ts';

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 4.2e16 as people write it: 4.2 × 10¹⁶, which no line breaks. */
export function operations(value: number): string {
  const exponent = Math.floor(Math.log10(value));
  const raised = [...String(exponent)].map((digit) => RAISED[Number(digit)] ?? digit).join('');
  return `${number(value / 10 ** exponent, 2)}\u00a0×\u00a010${raised}`;
}

/** With as many digits as its product with a price needs. */
const inHours = (hours: number): string => number(hours, hours < 10 ? 2 : 1);

const words = texts('learn-time', english, {
  timeWords: {
    sum: (tokens: number, perToken: number, total: number) => ({
      tokens: number(tokens),
      perToken: number(perToken / 1e9, 1),
      total: operations(total),
    }),
    hereFacts: (memoryBytes: number, value: number) => ({
      memoryBytes: bytes(memoryBytes),
      value: flops(value),
    }),
    hereCost: (kwh: number | null, cost: number | null, currency: string) => ({
      hasKwh: kwh !== null,
      cost: money(cost, currency),
    }),
    hereEnergy: (kwh: number | null) => ({ hasKwh: kwh !== null, kwh: energy(kwh) }),
    card: (memoryBytes: number, peakFlops: number) => ({
      memoryBytes: bytes(memoryBytes),
      peak: flops(peakFlops).replace(/[.,]0(?=\s)/, ''),
    }),
    fits: (needed: number) => ({ needed: bytes(needed) }),
    fitsHere: (needed: number) => ({ needed: bytes(needed) }),
    priceOf: (card: string) => ({ card }),
    pricesFrom: (month: string, currency: string) => ({ currency, month }),
    trained: (count_: number) => ({ count_, count: count(count_) }),
  },
  clusterWords: {
    noRoom: (name: string) => ({ name }),
    cost: (cost: number, currency: string, kwh: number) => ({
      cost: money(cost, currency),
      kwh: energy(kwh),
    }),
    arithmetic: (name: string) => ({ name }),
    states: (parts: string, total: number) => ({ parts, total: bytes(total) }),
    part: (label: string, size: number) => ({ label, size: bytes(size) }),
    ofACard: (
      whole: number,
      cards: number,
      activations: number,
      layers: number,
      one: number,
      memory: number,
    ) => ({
      cards,
      whole: bytes(whole),
      activations: bytes(activations),
      layers: bytes(layers),
      one: bytes(one),
      memory: bytes(memory),
    }),
    steps: (rows: number, epochs: number, cards: number, each: number, steps: number) => ({
      rows,
      epochs: number(epochs, 3, 0),
      cards,
      each,
      steps,
    }),
    computing: (total: number, cards: number, peak: number, share: number, seconds: number) => ({
      total: operations(total),
      cards,
      peak: flops(peak),
      share: 100 * share,
      seconds: duration(seconds),
    }),
    traffic: (size: number, link: number, steps: number, seconds: number) => ({
      size: bytes(size),
      link: bytes(link),
      steps,
      seconds: duration(seconds),
    }),
    hours: (seconds: number, cards: number, hours: number) => ({
      seconds: duration(seconds),
      cards,
      hours: inHours(hours),
    }),
    costs: (hours: number, price: number, currency: string, cost: number) => ({
      hours: inHours(hours),
      price: money(price, currency),
      cost: money(cost, currency),
    }),
    energy: (hours: number, watts: number, factor: number, kwh: number) => ({
      hours: inHours(hours),
      watts,
      factor: number(factor, 2),
      kwh: energy(kwh),
    }),
  },
});

export const time = words.time as LearnPage;
export const { timeWords, clusterWords } = words;
