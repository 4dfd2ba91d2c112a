/** More tokens than the time allows. */
import type { CorpusCheck, FindingKind } from '../finding.ts';
import { mix32 } from '../hash.ts';
import type { Study } from '../study.ts';

const KIND: FindingKind = {
  code: 'too-many-tokens',
  title: 'Too many tokens for the time',
  severity: 'warning',
  why: 'The run would not be done in the time that you have, and a run that is cut short has seen only a part of the rows.',
  rule: 'Only with --minutes and --tokens-per-second (`fettle train` shows the speed of a machine): tokens of all rows times the epochs, over the speed, is more than the minutes.',
  fix: {
    name: 'too-many-tokens',
    does: 'keeps as many rows as there is time for, chosen by chance (by their content and --seed), and leaves the others out',
    safe: false,
  },
};

export const tooManyTokens: CorpusCheck = {
  kind: KIND,
  conclude: (study) => {
    const { minutes, tokensPerSecond, epochs, tokensAreCounted } = study.settings;
    if (minutes === undefined || tokensPerSecond === undefined) return null;
    const rows = trainedRows(study);
    const total = rows.reduce((sum, { tokens }) => sum + tokens, 0);
    const needed = (total * epochs) / tokensPerSecond / 60;
    if (needed <= minutes) return null;
    const drop = beyond(rows, (minutes * 60 * tokensPerSecond) / epochs);
    const tokens = tokensAreCounted ? total : `About ${total}`;
    const possible = (minutes * epochs) / needed;
    const detail = `${tokens} tokens, ${epochs} times, take about ${Math.ceil(needed)} minutes at ${tokensPerSecond} tokens a second; in ${minutes} minutes there is time for about ${rows.length - drop.length} of the rows, or for ${possible < 0.01 ? 'under 0.01' : possible.toFixed(2)} epochs.`;
    return { rows: drop.length, examples: [], drop, detail };
  },
};

interface Trained {
  readonly row: number;
  readonly tokens: number;
  /** Where the row comes in an order by chance, the same for each run. */
  readonly rank: number;
}

/** The rows that are left, with the tokens of each that training would see. */
function trainedRows({ corpus, gone, settings: { maxLength, seed } }: Study): Trained[] {
  const isText = corpus.textRows > corpus.rows / 2;
  const rows: Trained[] = [];
  for (let row = 0; row < corpus.rows; row++) {
    if (gone[row]) continue;
    const all = corpus.tokens[row]!;
    const rank = mix32(corpus.content.low[row]! ^ mix32(seed));
    rows.push({ row, tokens: isText ? all : Math.min(all, maxLength), rank });
  }
  return rows;
}

/** The numbers of the rows that no room is left for within `budget` tokens, ascending. */
function beyond(rows: readonly Trained[], budget: number): Uint32Array {
  const left: number[] = [];
  let used = 0;
  for (const { row, tokens } of rows.toSorted((a, b) => a.rank - b.rank)) {
    if (used + tokens > budget) left.push(row);
    else used += tokens;
  }
  return Uint32Array.from(left).sort();
}
