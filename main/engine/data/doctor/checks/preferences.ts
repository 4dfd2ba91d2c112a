/** Pairs of a better and a worse answer that teach nothing, the opposite of each other, or only length. */
import { percent, plural } from '../../../../../common/words/format.ts';
import { say } from '../../../../../common/words/language.ts';
import type { CorpusCheck, FindingKind, RowCheck } from '../finding.ts';
import { betterAndWorse } from '../row-parts.ts';

const EQUAL: FindingKind = {
  code: 'equal-answers',
  title: 'Better and worse answer are the same',
  severity: 'harm',
  why: 'Such a pair says nothing, and training on it only costs time.',
  rule: 'The answers are equal but for spaces at their ends.',
  fix: { name: 'equal-answers', does: 'Leave these rows out', safe: true },
};

export const equalAnswers: RowCheck = {
  kind: EQUAL,
  find: ({ row }) => {
    const answers = betterAndWorse(row);
    return answers && answers.better.trim() === answers.worse.trim() ? { text: answers.better, at: 0 } : null;
  },
  repair: (row) => {
    const answers = betterAndWorse(row);
    return answers && answers.better.trim() === answers.worse.trim() ? null : row;
  },
};

const CONTRADICTORY: FindingKind = {
  code: 'contradictory-pairs',
  title: 'Contradictory pairs',
  severity: 'harm',
  why: 'The model is pulled to both sides and learns neither.',
  rule: 'Two rows have the same question and the same two answers, and each calls another one better.',
  fix: { name: 'contradictory-pairs', does: 'Leave these rows out', safe: false },
};

export const contradictoryPairs: CorpusCheck = {
  kind: CONTRADICTORY,
  conclude: ({ corpus, gone }) => {
    const found = corpus.pairs.contradictions.filter((pair) => pair.every((row) => !gone[row]));
    if (found.length === 0) return null;
    const rows = [...new Set(found.flat())].sort((a, b) => a - b);
    const examples = found.slice(0, 3).map(([first, second]) => ({
      row: second,
      beside: { row: first, of: 'data' as const },
    }));
    return { rows: rows.length, examples, drop: Uint32Array.from(rows) };
  },
};

const LONGER: FindingKind = {
  code: 'longer-answers',
  title: 'Better answers are longer',
  severity: 'warning',
  why: 'The model learns to write more, even where that is not what made the answers better.',
  rule: 'In more than three of four pairs the better answer is the longer one, and in all it is half as long again. People tend to prefer longer answers (Singhal and others, 2310.03716).',
  fix: null,
};

/** Below these it may be chance, or no harm. */
const FEWEST_PAIRS = 20;
const MOST_LONGER = 0.75;
const MOST_RATIO = 1.5;

export const longerAnswers: CorpusCheck = {
  kind: LONGER,
  conclude: ({ corpus: { pairs } }) => {
    const share = pairs.longer / Math.max(1, pairs.count);
    const ratio = pairs.betterCharacters / Math.max(1, pairs.worseCharacters);
    if (pairs.count < FEWEST_PAIRS || share <= MOST_LONGER || ratio <= MOST_RATIO) return null;
    return {
      rows: pairs.longer,
      examples: pairs.longest.map((row) => ({ row })),
      detail: say`The better answer is longer in ${percent(share)} of ${plural(pairs.count, 'pair')}.`,
    };
  },
};
