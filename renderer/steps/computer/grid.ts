/** The grid of sizes and methods as the rows of its table, and what its cells have given up. */
import type { Grid, GridCell, Why } from '../../../common/api/contract.ts';

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

/** What any cell that fits has given up, each reason once. */
export function givenUp({ cells }: Grid): Why[] {
  const all = cells.filter(({ fits }) => fits !== 'too-big').flatMap(({ lighter }) => lighter);
  return [...new Map(all.map((why) => [why.key, why])).values()];
}
