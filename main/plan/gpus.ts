/**
 * Graphics cards for comparison, with what their makers publish: memory, and dense matrix products of 16-bit numbers that are
 * added up in 32 bits, which is what training uses. Data sheets often print twice as much, for matrices half of whose numbers
 * are zero ("with sparsity"); that does not apply here. Apple publishes no such figure for the M series, so it is not in the list.
 */
import type { Accelerator } from '../../common/api/learn.ts';

type Row = readonly [
  id: string,
  name: string,
  kind: Accelerator['kind'],
  gigabytes: number,
  teraflops: number,
  source: string,
];

const ROWS: readonly Row[] = [
  ['t4', 'NVIDIA T4', 'data-centre', 16, 65, 'NVIDIA T4 data sheet; FP16, the card has no BF16'],
  ['l4', 'NVIDIA L4', 'data-centre', 24, 121, 'NVIDIA L4 data sheet; half of the figure with sparsity'],
  ['a100-40', 'NVIDIA A100 40 GB', 'data-centre', 40, 312, 'NVIDIA A100 data sheet'],
  ['a100-80', 'NVIDIA A100 80 GB', 'data-centre', 80, 312, 'NVIDIA A100 data sheet'],
  [
    'h100-pcie',
    'NVIDIA H100 PCIe',
    'data-centre',
    80,
    756,
    'NVIDIA H100 data sheet; half of the figure with sparsity',
  ],
  [
    'h100-sxm',
    'NVIDIA H100 SXM',
    'data-centre',
    80,
    989,
    'NVIDIA H100 data sheet; half of the figure with sparsity',
  ],
  [
    'rtx-3060',
    'GeForce RTX 3060',
    'consumer',
    12,
    25,
    'from the published 12.7 TFLOP/s in FP32, in the proportion of the RTX 3090',
  ],
  ['rtx-3090', 'GeForce RTX 3090', 'consumer', 24, 71, 'NVIDIA Ampere GA102 architecture paper'],
  ['rtx-4090', 'GeForce RTX 4090', 'consumer', 24, 165.2, 'NVIDIA Ada architecture paper'],
  ['rtx-5090', 'GeForce RTX 5090', 'consumer', 32, 209.5, 'NVIDIA RTX Blackwell architecture paper'],
];

export const ACCELERATORS: readonly Accelerator[] = ROWS.map(
  ([id, name, kind, gigabytes, teraflops, source]) => ({
    ...{ id, name, kind, source },
    memoryBytes: gigabytes * 1e9,
    peakFlops: teraflops * 1e12,
  }),
);
