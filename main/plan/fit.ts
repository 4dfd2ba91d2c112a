/** Whether a peak fits into the memory that is free: the one place for it, for the grid, the proposals and the plan. */
import type { PlanFit, RangedFigure } from '../../preload/contract.ts';

/** Up to this share of the free memory a run is comfortable: other programs need some, too. */
export const COMFORTABLE_SHARE = 0.75;

/** Comfortable means three quarters of the free memory, and that the whole range of the peak fits. */
export function fitOf(peak: RangedFigure, freeBytes: number): PlanFit {
  if (peak.value > freeBytes) return 'too-big';
  const isComfortable = peak.value <= COMFORTABLE_SHARE * freeBytes && peak.high <= freeBytes;
  return isComfortable ? 'comfortable' : 'tight';
}
