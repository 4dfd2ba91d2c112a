/** The words of the Models page. */

import { bytes, left, number, speed } from '../../common/words/format.ts';
import { marks } from '../../common/words/marks.ts';
import english from '../../words/en/pages/models.json' with { type: 'json' };
import { texts } from './texts.ts';

export const { modelsText } = texts('models', english, {
  modelsText: {
    added: (name: string) => ({ name }),
    longest: (tokens: number) => ({ tokens: number(tokens) }),
    actionsOf: (name: string) => ({ name }),
    removeTitle: (name: string) => ({ name }),
    removeHub: (size: number) => ({ size: bytes(size) }),
    removed: (name: string, freed: number) => ({ frees: freed > 0, name, freed: bytes(freed) }),
    hub: {
      nothing: (query: string) => ({ query }),
      downloads: (n: number) => ({ n }),
      updated: (when: string) => ({ when }),
    },
    downloads: {
      amount: (done: number, total: number | null) => ({
        hasTotal: total !== null,
        done: bytes(done),
        total: bytes(total),
      }),
      pace: (perSecond: number | null, seconds: number | null) => ({
        Boolean: [perSecond === null ? '' : speed(perSecond), left(seconds)]
          .filter(Boolean)
          .join(marks().comma),
      }),
      pause: (repo: string) => ({ repo }),
      resume: (repo: string) => ({ repo }),
      cancel: (repo: string) => ({ repo }),
      cancelled: (repo: string) => ({ repo }),
      started: (repo: string) => ({ repo }),
    },
    inspect: {
      title: (name: string) => ({ name }),
      tokenizerOf: (kind: string, size: number) => ({ kind, size: number(size) }),
    },
  },
});
