/** The grid of sizes and methods as the rows of its table. */
import type { Grid, GridCell } from '../../../preload/contract.ts';

export interface GridRow {
  readonly size: string;
  readonly cells: readonly GridCell[];
}

/** A row for each size, in the order of the grid. */
export function sizesOf({ cells }: Grid): GridRow[] {
  return [...Map.groupBy(cells, ({ size }) => size)].map(([size, row]) => ({ size, cells: row }));
}
