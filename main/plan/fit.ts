/** Whether a peak fits into the memory that is free: the one place for it, for the grid, the proposals and the plan. */
import type { PlanFit, PlanMethod, RangedFigure } from '../../preload/contract.ts';

/** Up to this share of the free memory a run is comfortable: other programs need some, too. */
export const COMFORTABLE_SHARE = 0.75;

/** Bytes of a weight with what is kept of it: where it is trained its gradient, and two moments in 8 bits; else in float32, or in 4 bits. */
const LEAST_BYTES: Readonly<Record<PlanMethod, number>> = { full: 10, lora: 4, qlora: 0.5 };
/** Runs of this computer may have shown that the formula says somewhat too much. */
const SURE_SHARE = 0.85;

/** Whether a model of so many weights cannot fit whatever the settings are: then none of them need be priced. */
export function isHopeless(method: PlanMethod, parameters: number, bytes: number): boolean {
  return SURE_SHARE * LEAST_BYTES[method] * parameters > bytes;
}

/** Comfortable means three quarters of the free memory, and that the whole range of the peak fits. */
export function fitOf(peak: RangedFigure, freeBytes: number): PlanFit {
  if (peak.value > freeBytes) return 'too-big';
  const isComfortable = peak.value <= COMFORTABLE_SHARE * freeBytes && peak.high <= freeBytes;
  return isComfortable ? 'comfortable' : 'tight';
}
