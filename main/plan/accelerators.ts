/**
 * Graphics cards that are not here: what their makers publish, what an hour on one costs, and a training
 * there, by the published rate and the share of it that trainings reach. The rate is that of products in 16
 * bits, so the memory is, too (`memoryIn` in textbook.ts).
 */
import type { Accelerator, AcceleratorTime } from '../../common/api/learn.ts';

/**
 * The share of the published rate that trainings reach. Chowdhery et al. 2022 (PaLM, table 3) compare what
 * was published of large ones: 21.3 % (GPT-3), 30.2 % (Megatron-Turing NLG), 32.5 % (Gopher) and 46.2 %
 * (PaLM). Small models reach less.
 */
export const USUAL_UTILISATION = { value: 0.4, low: 0.2, high: 0.5 } as const;

interface Training {
  /** Floating point operations of all of it. */
  readonly operations: number;
  /** In 16 bits. */
  readonly neededBytes: number;
  /** Share of the published rate, from 0 to 1. */
  readonly utilisation: number;
  /** Price of an hour that the person knows; ours where it is missing. */
  readonly pricePerHour?: number | undefined;
}

/** Seconds and cost of a training on `card`, and whether it fits into its memory. */
export function onCard(
  card: Accelerator,
  { operations, neededBytes, utilisation, pricePerHour: known }: Training,
): AcceleratorTime {
  const seconds = operations / (card.peakFlops * utilisation);
  const pricePerHour = known ?? assumedPricePerHour(card.id);
  return {
    ...card,
    seconds,
    pricePerHour,
    cost: (pricePerHour * seconds) / 3600,
    assumedPrice: known === undefined,
    fits: neededBytes <= card.memoryBytes,
  };
}

/**
 * Memory, and dense matrix products of 16-bit numbers added up in 32 bits, which is what training uses. Data
 * sheets often print twice as much ("with sparsity"), which does not apply here. Apple publishes no such
 * figure for the M series.
 */
type Row = readonly [
  id: string,
  name: string,
  kind: Accelerator['kind'],
  gigabytes: number,
  teraflops: number,
  pricePerHour: number,
  source: string,
];

const ROWS: readonly Row[] = [
  ['t4', 'NVIDIA T4', 'data-centre', 16, 65, 0.4, 'NVIDIA T4 data sheet; FP16, the card has no BF16'],
  ['l4', 'NVIDIA L4', 'data-centre', 24, 121, 0.8, 'NVIDIA L4 data sheet; half of the figure with sparsity'],
  ['a100-40', 'NVIDIA A100 40 GB', 'data-centre', 40, 312, 1.3, 'NVIDIA A100 data sheet'],
  ['a100-80', 'NVIDIA A100 80 GB', 'data-centre', 80, 312, 1.8, 'NVIDIA A100 data sheet'],
  [
    'h100-pcie',
    'NVIDIA H100 PCIe',
    'data-centre',
    80,
    756,
    2.4,
    'NVIDIA H100 data sheet; half of the figure with sparsity',
  ],
  [
    'h100-sxm',
    'NVIDIA H100 SXM',
    'data-centre',
    80,
    989,
    3,
    'NVIDIA H100 data sheet; half of the figure with sparsity',
  ],
  [
    'rtx-3060',
    'GeForce RTX 3060',
    'consumer',
    12,
    25,
    0.1,
    'from the published 12.7 TFLOP/s in FP32, in the proportion of the RTX 3090',
  ],
  ['rtx-3090', 'GeForce RTX 3090', 'consumer', 24, 71, 0.25, 'NVIDIA Ampere GA102 architecture paper'],
  ['rtx-4090', 'GeForce RTX 4090', 'consumer', 24, 165.2, 0.4, 'NVIDIA Ada architecture paper'],
  ['rtx-5090', 'GeForce RTX 5090', 'consumer', 32, 209.5, 0.7, 'NVIDIA RTX Blackwell architecture paper'],
];

export const ACCELERATORS: readonly Accelerator[] = ROWS.map(
  ([id, name, kind, gigabytes, teraflops, , source]) => ({
    id,
    name,
    kind,
    source,
    memoryBytes: gigabytes * 1e9,
    peakFlops: teraflops * 1e12,
  }),
);

/**
 * What an hour on a graphics card costs where it is rented: round figures of the order that clouds asked,
 * assumed and not looked up. They change every month and between providers, so each can be changed where it
 * is shown, and is marked as an assumption.
 */
export const PRICES_FROM = '2025-06';
export const PRICES_CURRENCY = 'USD';

/** The assumed price of an hour on a card, by its id; 0 for one without. */
export function assumedPricePerHour(id: string): number {
  return ROWS.find(([own]) => own === id)?.[5] ?? 0;
}
