/**
 * Graphics cards that are not here: what their makers publish, what an hour on one costs, and a training
 * there, by the published rate and the share of it that trainings reach. The rate is that of products in 16
 * bits, so the memory is, too (`memoryIn` in textbook.ts).
 */
import type { Accelerator, AcceleratorTime } from '../../common/api/plan.ts';

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
  /** Below which no card comes, however fast it is. */
  readonly leastSeconds?: number;
  /** Price of an hour that the person knows; ours where it is missing. */
  readonly pricePerHour?: number | undefined;
}

/** Seconds and cost of a training on `card`, and whether it fits into its memory. */
export function onCard(
  card: Accelerator,
  { operations, neededBytes, utilisation, leastSeconds = 0, pricePerHour: known }: Training,
): AcceleratorTime {
  const seconds = Math.max(leastSeconds, operations / (card.peakFlops * utilisation));
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

/** A card as its maker publishes it. Bytes, operations and bytes a second. */
export interface PublishedCard extends Accelerator {
  /** Of its memory. */
  readonly memoryBandwidth: number;
  /** To the other cards of a computer, in one direction. */
  readonly linkBandwidth: number;
  /** Whether its figures were found a second time. */
  readonly wasCompared: boolean;
}

const sheet = (card: string, note = '') => `NVIDIA ${card} data sheet${note}`;
const paper = (name: string) => `NVIDIA ${name} architecture paper`;
const fromFp32 = (teraflops: number, like: string) =>
  `from the published ${teraflops} TFLOP/s in FP32, in the proportion of the ${like}`;
const HALF = '; half of the figure with sparsity';
/** NVLink or, without it, PCI Express 4.0 with 16 lanes (32 GB/s less what its protocol takes). GB/s. */
const [NVLINK_3, NVLINK_4, NVLINK_5, PCIE] = [300, 450, 900, 25];

/**
 * Memory in GB, dense matrix products of 16-bit numbers added up in 32 bits in TFLOP/s, which is what training uses, bandwidth of the
 * memory and to other cards in GB/s, and an hour's price where people rent it. Data sheets often print twice as much ("with sparsity"), which
 * does not apply here. Apple publishes no such figure for the M series. `found`: how its driver calls it; none where it has no BF16, in
 * which trainings elsewhere compute. The first that matches counts.
 */
type Row = readonly [
  id: string,
  name: string,
  gigabytes: number,
  teraflops: number,
  bandwidth: number,
  link: number,
  found: RegExp | null,
  pricePerHour: number | null,
  source: string,
];

const ROWS: readonly Row[] = [
  ['t4', 'NVIDIA T4', 16, 65, 320, PCIE, null, 0.4, sheet('T4', '; FP16, the card has no BF16')],
  ['l4', 'NVIDIA L4', 24, 121, 300, PCIE, /\bL4\b/, 0.8, sheet('L4', HALF)],
  ['a100-40', 'NVIDIA A100 40 GB', 40, 312, 1555, NVLINK_3, /A100-SXM.*40GB/, 1.3, sheet('A100')],
  ['a100-80', 'NVIDIA A100 80 GB', 80, 312, 2039, NVLINK_3, /A100-SXM.*80GB/, 1.8, sheet('A100')],
  ['a100-40-pcie', 'NVIDIA A100 40 GB PCIe', 40, 312, 1555, PCIE, /A100.*40GB/, null, sheet('A100')],
  ['a100-80-pcie', 'NVIDIA A100 80 GB PCIe', 80, 312, 1935, PCIE, /A100.*80GB/, null, sheet('A100')],
  ['h100-pcie', 'NVIDIA H100 PCIe', 80, 756, 2000, PCIE, /H100.*PCIe/, 2.4, sheet('H100', HALF)],
  ['h100-nvl', 'NVIDIA H100 NVL', 94, 835, 3900, PCIE, /H100.*NVL/, null, sheet('H100', HALF)],
  ['h100-sxm', 'NVIDIA H100 SXM', 80, 989, 3350, NVLINK_4, /\bH100\b/, 3, sheet('H100', HALF)],
  ['h200-nvl', 'NVIDIA H200 NVL', 141, 835, 4800, PCIE, /H200.*NVL/, null, sheet('H200', HALF)],
  ['h200', 'NVIDIA H200', 141, 989, 4800, NVLINK_4, /\bH200\b/, 3.5, sheet('H200', HALF)],
  ['gh200', 'NVIDIA GH200', 96, 990, 4000, NVLINK_4, /GH200/, null, sheet('GH200', HALF)],
  ['b200', 'NVIDIA B200', 180, 2250, 7700, NVLINK_5, /\bB200\b/, 5, sheet('HGX B200', HALF)],
  ['a10g', 'NVIDIA A10G', 24, 70, 600, PCIE, /\bA10G\b/, null, sheet('A10G')],
  ['a10', 'NVIDIA A10', 24, 125, 600, PCIE, /\bA10\b/, null, sheet('A10')],
  ['a30', 'NVIDIA A30', 24, 165, 933, PCIE, /\bA30\b/, null, sheet('A30')],
  ['a40', 'NVIDIA A40', 48, 149.7, 696, PCIE, /\bA40\b/, null, sheet('A40')],
  ['l40', 'NVIDIA L40', 48, 181, 864, PCIE, /\bL40\b/, null, sheet('L40')],
  ['l40s', 'NVIDIA L40S', 48, 362, 864, PCIE, /\bL40S\b/, null, sheet('L40S', HALF)],
  ['a5000', 'NVIDIA RTX A5000', 24, 111, 768, PCIE, /RTX A5000/, null, sheet('RTX A5000', HALF)],
  ['a6000', 'NVIDIA RTX A6000', 48, 154.8, 768, PCIE, /RTX A6000/, null, sheet('RTX A6000', HALF)],
  ['6000-ada', 'NVIDIA RTX 6000 Ada', 48, 364, 960, PCIE, /RTX 6000 Ada/, null, sheet('RTX 6000 Ada', HALF)],
  ['rtx-3060', 'GeForce RTX 3060', 12, 25, 360, PCIE, /RTX 3060$/, 0.1, fromFp32(12.7, 'RTX 3090')],
  ['rtx-3090', 'GeForce RTX 3090', 24, 71, 936, PCIE, /RTX 3090$/, 0.25, paper('Ampere GA102')],
  ['rtx-4070', 'GeForce RTX 4070', 12, 58.3, 504, PCIE, /RTX 4070$/, null, fromFp32(29.2, 'RTX 4090')],
  ['rtx-4080', 'GeForce RTX 4080', 16, 97.5, 717, PCIE, /RTX 4080$/, null, fromFp32(48.7, 'RTX 4090')],
  ['rtx-4090', 'GeForce RTX 4090', 24, 165.2, 1008, PCIE, /RTX 4090$/, 0.4, paper('Ada')],
  ['rtx-5090', 'GeForce RTX 5090', 32, 209.5, 1792, PCIE, /RTX 5090$/, 0.7, paper('RTX Blackwell')],
];

/**
 * Rows of which memory, rate and bandwidth were found once more on pages that repeat what makers publish (docs/log/planner.md). The others
 * are from memory of the document that they name.
 */
const COMPARED: ReadonlySet<string> = new Set([
  't4',
  'l4',
  'a100-40',
  'a100-40-pcie',
  'a100-80',
  'h100-sxm',
  'h200',
  'b200',
  'a40',
  'l40',
  'l40s',
  'a6000',
  'rtx-3060',
  'rtx-3090',
  'rtx-4070',
  'rtx-4080',
  'rtx-4090',
  'rtx-5090',
]);

const published = ([id, name, gigabytes, teraflops, bandwidth, link, , , source]: Row): PublishedCard => ({
  id,
  name,
  kind: name.startsWith('GeForce') ? 'consumer' : 'data-centre',
  source,
  memoryBytes: gigabytes * 1e9,
  peakFlops: teraflops * 1e12,
  memoryBandwidth: bandwidth * 1e9,
  linkBandwidth: link * 1e9,
  wasCompared: COMPARED.has(id),
});

/** Those that people rent or have at home, which lessons show. */
export const ACCELERATORS: readonly Accelerator[] = ROWS.filter(
  ([, , , , , , , price]) => price !== null,
).map((row) => {
  const { memoryBandwidth: _, linkBandwidth: __, wasCompared: ___, ...card } = published(row);
  return card;
});

/** All whose figures an estimate elsewhere can use. */
export const CARDS: readonly PublishedCard[] = ROWS.filter(([, , , , , , found]) => found !== null).map(
  published,
);

/** The card of an id in this table. */
export const publishedCard = (id: string): PublishedCard => published(ROWS.find(([own]) => own === id)!);

/** The card that a driver calls so; null where no figures of it are known. */
export function cardCalled(name: string): PublishedCard | null {
  // of a card that is divided nobody publishes what a part does
  const row = name.includes('MIG') ? undefined : ROWS.find(([, , , , , , found]) => found?.test(name));
  return row ? published(row) : null;
}

/**
 * What an hour on a graphics card costs where it is rented: round figures of the order that clouds asked,
 * assumed and not looked up. They change every month and between providers, so each can be changed where it
 * is shown, and is marked as an assumption.
 */
export const PRICES_FROM = '2025-06';
export const PRICES_CURRENCY = 'USD';

/** The assumed price of an hour on a card, by its id; 0 for one without. */
export function assumedPricePerHour(id: string): number {
  return ROWS.find(([own]) => own === id)?.[7] ?? 0;
}
