/** The words of "Use it": the conversation with both models, and saving the model for other programs. */

import { bytes, number, percent, rate } from '../../common/words/format.ts';
import { marks } from '../../common/words/marks.ts';
import english from '../../words/en/pages/chat.json' with { type: 'json' };
import { texts } from './texts.ts';

export const { chat } = texts('chat', english, {
  chat: {
    youTo: (name: string) => ({ name }),
    done: (tokens: number, speed: number) => ({ tokens, speed: rate(speed) }),
    kept: { removed: (name: string) => ({ name }), actions: (name: string) => ({ name }) },
    page: { trained: (model: string) => ({ model }) },
    save: { sized: (label: string, size: number) => ({ label, size: bytes(size) }) },
    exports: { facts: (kind: string, type: string, size: number) => ({ kind, type, size: bytes(size) }) },
    programs: { requests: (count: number) => ({ count }), other: (name: string) => ({ name }) },
    sort: {
      done: (rows: number, unsure: number) => ({ rows, unsure }),
      leftOut: (tooLong: number, unreadable: number) => ({ tooLong, unreadable }),
      decidedBy: (words: readonly string[]) => ({ words: words.join(marks().comma) }),
      firstOf: (shown: number, rows: number) => ({ shown, rows }),
      threshold: (score: number, share: number, right: number) => ({
        score: number(score, 2),
        right: percent(right),
        share: percent(share),
      }),
      notUsed: (limit: string | null, error: string) => ({ hasLimit: limit !== null, error }),
      mixUp: (truth: string, given: string, rows: number) => ({ truth, given, rows }),
    },
  },
});
