/** The words of the quick way to sort. */
import { bytes, percent } from '../../common/words/format.ts';
import { marks } from '../../common/words/marks.ts';
import english from '../../words/en/pages/sorter.json' with { type: 'json' };
import { texts } from './texts.ts';

export const { sorterText } = texts('sorter', english, {
  sorterText: {
    name: (of: string) => ({ of: of.slice(0, 188) }),
    right: (share: number) => ({ share: percent(share) }),
    fill: { below: (score: string) => ({ score }) },
    several: {
      one: (column: string) => ({ column }),
      judged: (rows: number) => ({ rows }),
      always: (categories: string) => ({ categories }),
      left: (names: readonly string[], count: number) => ({ names: names.join(marks().comma), count }),
    },
    encoder: {
      about: (name: string, size: number, isMultilingual: boolean) => ({
        name,
        isMultilingual,
        size: bytes(size),
      }),
    },
  },
});
