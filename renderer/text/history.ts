/** The words of the history and of comparing runs. */
import { bytes, number } from '../../common/words/format.ts';
import english from '../../words/en/pages/history.json' with { type: 'json' };
import { byName, texts } from './texts.ts';

export const { history, bin, compare } = texts('history', english, {
  history: {
    found: (total: number) => ({ total }),
    methods: byName,
    select: (name: string) => ({ name }),
    selected: (count: number) => ({ count }),
    compareMany: (most: number) => ({ most: number(most) }),
    removeSize: (size: number) => ({ size: bytes(size) }),
    removed: (count: number) => ({ count }),
    restored: (count: number) => ({ count }),
  },
  bin: {
    lead: (days: number) => ({ days }),
    kept: (size: string, until: string) => ({ size, until }),
    restoreOf: (name: string) => ({ name }),
    remove: (name: string) => ({ name }),
    empty: (size: number) => ({ size: bytes(size) }),
    removeText: (names: readonly string[], size: string) => ({ size, count: names.length, name: names[0] }),
    freed: (size: number) => ({ size: bytes(size) }),
  },
  compare: { lead: (count: number) => ({ count }) },
});
