/** The grid of sizes and methods as the rows of its table. */
import type { Grid, GridCell } from '../../../preload/contract.ts';

export interface GridRow {
  readonly size: string;
  /** The model that stands for it. */
  readonly model: string;
  readonly cells: readonly GridCell[];
}

/** A row for each size, in the order of the grid. */
export function sizesOf({ cells }: Grid): GridRow[] {
  return [...Map.groupBy(cells, ({ size }) => size)].map(([size, row]) => ({
    ...{ size, model: row[0]?.model ?? '' },
    cells: row,
  }));
}
