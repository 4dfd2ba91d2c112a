/** The price of a cell of the grid, apart from the grid and from what computes it, which need not know each other. */
import type { GridCell, RangedFigure } from '../../preload/contract.ts';

export type GridMethod = GridCell['method'];

/** What a training of one size and method takes; the time is null where the speed is not known. */
export interface CellPrice {
  readonly peakBytes: RangedFigure;
  readonly secondsPer1000Examples: RangedFigure | null;
}

/** The price of a method for a model of so many weights; null where Fettle cannot do it. */
export type PriceOf = (parameters: number, method: GridMethod) => CellPrice | null;
