/** Figures of a bench as lines of a table. */

export interface Row {
  readonly what: string;
  /** Milliseconds by the clock. */
  readonly best: number | null;
  readonly median: number | null;
  /** Milliseconds of the processor. */
  readonly worked: number | null;
  readonly target: number | null;
}

export function lineOf({ what, best, median: middle, worked, target }: Row): string {
  const judged = target === null || best === null ? '' : `${target} ms: ${best <= target ? 'met' : 'MISSED'}`;
  return line(what, figure(best), figure(middle), figure(worked), judged);
}

const figure = (ms: number | null) => (ms === null ? '' : `${ms.toFixed(0)} ms`);

function line(what: string, ...cells: readonly string[]): string {
  return what.padEnd(66) + cells.map((cell) => cell.padStart(12)).join('  ');
}

export const HEAD = line('', 'best', 'median', 'processor', 'target');
