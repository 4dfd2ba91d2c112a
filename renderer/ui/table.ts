/** What the two tables have in common: their columns, and how rows are told apart. */
export interface Column {
  readonly id: string;
  readonly label: string;
  readonly align?: 'start' | 'end' | 'center' | undefined;
  /** A CSS width; a share of what is left over where it is missing. */
  readonly width?: string | undefined;
  /** Whether its heading is a button that sorts by it. */
  readonly sortable?: boolean | undefined;
  /** Keeps its cells on one line, where the table has no fixed row height. */
  readonly nowrap?: boolean | undefined;
  /** Keeps the heading for screen readers alone, as for a column of buttons. */
  readonly quiet?: boolean | undefined;
  /** The heading is the person's own word, in which the glossary finds nothing. */
  readonly isGiven?: boolean | undefined;
}

export interface Sort {
  readonly id: string;
  readonly descending: boolean;
}

export type RowKey<Row> = ((row: Row) => string | number) | (keyof Row & string);

/** The key of a row, by function or by the name of a field. */
export function keyOf<Row>(key: RowKey<Row>, row: Row): string | number {
  return typeof key === 'function' ? key(row) : String(row[key]);
}

/** What a screen reader is told of a column's order. */
export function ariaSort(
  column: Column,
  sort: Sort | undefined,
): 'ascending' | 'descending' | 'none' | undefined {
  if (!column.sortable) return undefined;
  if (sort?.id !== column.id) return 'none';
  return sort.descending ? 'descending' : 'ascending';
}

/** Widths of the columns as grid tracks. */
export function tracks(columns: readonly Column[]): string {
  return columns.map((column) => column.width ?? 'minmax(6rem, 1fr)').join(' ');
}

/** Rows from `first` to before `end` that are in view, with a few more on both sides. */
export function windowOf(
  scrollTop: number,
  height: number,
  rowHeight: number,
  total: number,
  extra = 8,
): { first: number; end: number } {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - extra);
  const end = Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + extra);
  return { first: Math.min(first, total), end: Math.max(end, Math.min(first, total)) };
}
