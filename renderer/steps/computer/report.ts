/** All that is known of a computer as a text to copy, for asking somebody or for keeping. */
import type { ComputerFacts, Grid } from '../../../common/api/contract.ts';
import { about, bytes } from '../../../common/words/format.ts';
import { lighterWords } from '../../../common/words/plan-why.ts';
import { wizard } from '../../text/wizard.ts';
import { cardWords, type FactRow, factRows, speedRows } from './facts.ts';
import { sizesOf } from './grid.ts';

const text = wizard.computer;

/** The facts, what was measured, the graphics cards and the grid, in that order, with the time of `when`. */
export function reportOf(facts: ComputerFacts, grid: Grid | null, when = new Date()): string {
  const { rates, comparison, hardware } = facts;
  const speeds = rates ? speedRows(rates) : [];
  const parts = [
    lines(factRows(facts)),
    [...lines(speeds), ...(comparison ? [comparison.sentence] : [])],
    (hardware?.graphics ?? []).map((card) => `${card.name}: ${cardWords(card)}`),
    grid ? gridLines(grid) : [],
  ];
  return text.report(
    parts.filter((part) => part.length > 0),
    when,
  );
}

const lines = (rows: readonly FactRow[]): string[] => rows.map(([name, value]) => `${name}: ${value}`);

function gridLines(grid: Grid): string[] {
  const words = text.grid;
  const sizes = sizesOf(grid).map(({ size, cells }) => {
    const said = cells.map(({ method, fits, peakBytes, vramBytes, seconds, place, lighter }) =>
      fits === 'too-big'
        ? text.reportCell(words.methods[method], words.fits[fits], [words.needs(peakBytes?.value ?? 0)])
        : text.reportCell(words.methods[method], words.fits[fits], [
            ...(peakBytes === null ? [] : [bytes(peakBytes.value)]),
            ...(seconds === null ? [] : [about(seconds.value)]),
            ...(place === null ? [] : [words.place(place, vramBytes?.value ?? null)]),
            ...(lighter.length === 0 ? [] : [lighterWords(lighter)]),
          ]),
    );
    return `${size}: ${said.join('; ')}`;
  });
  return [grid.sentence, grid.basis, words.lead(grid.examples, grid.tokens, grid.freeBytes), ...sizes];
}
