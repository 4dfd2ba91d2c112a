/** The words of the page that learns from a rule. */

import english from '../../../words/en/pages/rules.json' with { type: 'json' };
import { texts } from '../../text/texts.ts';

export const { rules } = texts('rules', english, {
  rules: {
    start: {
      numbered: (number: number) => ({ number }),
      without: (number: number) => ({ number }),
    },
    tried: {
      question: (question: string) => ({ question }),
      share: (passed: number, of: number) => ({ passed, of }),
    },
    list: {
      remove: (name: string) => ({ name }),
      removed: (name: string) => ({ name }),
      removeTitle: (name: string) => ({ name }),
    },
    going: {
      about: (model: string, practice: number, samples: number, test: number) => ({
        model,
        practice,
        samples,
        test,
      }),
      test: (round: number) => ({ round }),
      practise: (round: number) => ({ round }),
      train: (round: number) => ({ round }),
      left: (time: string) => ({ time }),
    },
    rounds: { answers: (round: number) => ({ round }), pairs: (round: number) => ({ round }) },
  },
});
