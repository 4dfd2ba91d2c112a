/** The page about judging, and the words of its calculator. */
import { number, percent } from '../../../../common/words/format.ts';
import english from '../../../../words/en/pages/learn-judging.json' with { type: 'json' };
import { texts } from '../../../text/texts.ts';
import type { LearnPage } from './page.ts';

interface Range {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const words = texts('learn-judging', english, {
  judgingWords: {
    range: ({ value, low, high }: Range) => ({
      share: percent(value),
      low: percent(low, 1),
      high: percent(high, 1),
    }),
    width: ({ low, high }: Range) => ({ points: number(100 * (high - low), 1) }),
    tooMany: (rows: number) => ({ rows }),
  },
});

export const judging = words.judging as LearnPage;
export const { judgingWords } = words;
