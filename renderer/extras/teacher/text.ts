/** The words of the teacher's page: texts, the teacher, and what a person decides. */

import english from '../../../words/en/pages/teacher.json' with { type: 'json' };
import { texts } from '../../text/texts.ts';

export const { teacher } = texts('teacher', english, {
  teacher: {
    list: {
      remove: (name: string) => ({ name }),
      removed: (name: string) => ({ name }),
      removeTitle: (name: string) => ({ name }),
    },
    asking: {
      about: (teacher: string, samples: number) => ({ teacher, samples }),
      label: (done: string, total: string) => ({ done, total }),
      left: (time: string, tokens: string) => ({ time, tokens }),
      writes: (vary: number) => ({ vary }),
      rest: (time: string, tokens: string) => ({ time, tokens }),
      cost: (cost: string) => ({ cost }),
      varied: (done: string, total: string) => ({ done, total }),
      from: (like: string) => ({ like }),
      unvaried: (failed: number, problem: string) => ({ failed, problem }),
      failed: (failed: number, problem: string) => ({ failed, problem }),
    },
    decide: {
      left: (open: number, minutes: number) => ({ open, minutes }),
      votes: (votes: number, samples: number) => ({ votes, samples }),
      alike: (share: string) => ({ share }),
      like: (text: string, answer: string) => ({ text, answer }),
    },
    counts: {
      rows: (rows: number) => ({ rows }),
      detail: (examples: number, taken: number, decided: number) => ({ examples, taken, decided }),
    },
  },
});
