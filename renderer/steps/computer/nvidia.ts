/** When the pack of libraries for NVIDIA's cards is worth a word. */
import type { Hardware } from '../../../common/api/contract.ts';

/** Whether a card could compute through CUDA, with the pack or already: driver and card are fit. */
export function wantsNvidiaPack(hardware: Hardware): boolean {
  return hardware.graphics.some(({ access }) =>
    access.some(({ through, usable, pack }) => through === 'cuda' && (usable || pack === 'nvidia')),
  );
}
