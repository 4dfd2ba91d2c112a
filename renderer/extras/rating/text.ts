/** The words of the rating page: which models answer, the pairs, and what they are good for. */

import english from '../../../words/en/pages/rating.json' with { type: 'json' };
import { texts } from '../../text/texts.ts';

export const { rating } = texts('rating', english, {
  rating: {
    list: { remove: (name: string) => ({ name }), removed: (name: string) => ({ name }) },
    pair: {
      number: (number: number, prompts: number) => ({
        isFirst: number < prompts,
        number: number + 1,
        prompts,
        again: (number % prompts) + 1,
      }),
      count: (rated: number) => ({ rated }),
      skipped: (skipped: number) => ({ skipped }),
      next: (goal: number, about: string) => ({ goal, about }),
    },
  },
});
