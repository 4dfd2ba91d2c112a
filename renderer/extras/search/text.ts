/** The words of searches of settings. */
import { about } from '../../../common/words/format.ts';
import english from '../../../words/en/pages/search.json' with { type: 'json' };
import { texts } from '../../text/texts.ts';

export const { search } = texts('search', english, {
  search: {
    takes: (seconds: number, rest: number) => ({ seconds: about(seconds), rest: about(rest) }),
    leads: { running: (left: string | null) => ({ hasLeft: left !== null, left }) },
    left: (seconds: number) => ({ seconds: about(seconds) }),
    found: (count: number) => ({ count }),
    trained: (step: number, steps: number) => ({ step, steps }),
  },
});
