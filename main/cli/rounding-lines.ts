/** What rounding changes, for reading: a line for each layer, and one for what lies outside of the layers. */
import type { RoundingError } from '../../common/protocol/protocol.ts';
import { percent } from './words.ts';

interface Row {
  readonly name: string;
  readonly matrices: readonly RoundingError[];
}

/** The lines of a table; a layer's error is that of all its weights, beside its matrix that moves most. */
export function roundingLines(errors: readonly RoundingError[]): string[] {
  const rows = [...Map.groupBy(errors, ({ name }) => placeOf(name))].map(([name, matrices]) => ({
    name,
    matrices,
  }));
  const width = Math.max(...rows.map(({ name }) => name.length), 'Rounding'.length) + 2;
  return [
    `${'Rounding'.padEnd(width)}${'8 bits'.padStart(8)}${'4 bits'.padStart(9)}${'NF4'.padStart(9)}   moves most in 4 bits`,
    ...rows.map(
      (row) =>
        `${row.name.padEnd(width)}${changeText(mean(row, 'bits8')).padStart(8)}${changeText(mean(row, 'bits4')).padStart(9)}${changeText(mean(row, 'nf4')).padStart(9)}   ${worst(row)}`,
    ),
    'Root of the mean square by which weights move, in percent of that of the weights. Where it is hardly anything, the blocks of the file are kept.',
  ];
}

/** `model.layers.3.mlp.up_proj.weight` -> `model.layers.3`; what is in no layer has a line of its own. */
function placeOf(name: string): string {
  return /^.*?\.\d+(?=\.)/.exec(name)?.[0] ?? name.replace(/\.weight$/, '');
}

/** Over all weights of the row, as if each matrix had weights of the same size; null where a matrix has no such bits. */
function mean({ matrices }: Row, bits: 'bits8' | 'bits4' | 'nf4'): number | null {
  let [sum, weights] = [0, 0];
  for (const one of matrices) {
    const error = one[bits];
    if (error === null) return null;
    sum += one.weights * error ** 2;
    weights += one.weights;
  }
  return Math.sqrt(sum / weights);
}

function worst({ name, matrices }: Row): string {
  if (matrices.length === 1) return '';
  const most = matrices.reduce((a, b) => ((b.bits4 ?? b.bits8) > (a.bits4 ?? a.bits8) ? b : a));
  return `${most.name.slice(name.length + 1).replace(/\.weight$/, '')} ${changeText(most.bits4 ?? most.bits8)}`;
}

function changeText(share: number | null): string {
  if (share === null) return '';
  return share === 0 ? '0' : percent(share, share < 0.001 ? 3 : 2);
}
