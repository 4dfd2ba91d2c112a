/** The words of rows from documents. */

import english from '../../../words/en/pages/documents.json' with { type: 'json' };
import { texts } from '../../text/texts.ts';

export const { documents: text } = texts('documents', english, {
  documents: {
    passage: (done: number, all: number) => ({ done: Math.min(done + 1, all), all }),
    row: (number: number) => ({ number }),
    left: {
      unquoted: (count: number) => ({ count }),
      foreign: (count: number) => ({ count }),
      repeated: (count: number) => ({ count }),
      unwritten: (count: number) => ({ count }),
    },
    leftOut: (reasons: string) => ({ reasons }),
    use: (count: number) => ({ count }),
  },
});
