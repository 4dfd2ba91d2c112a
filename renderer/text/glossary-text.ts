/** Every technical word of the application in one plain sentence, by section; the key of an entry is its English name. */

import { marks } from '../../common/words/marks.ts';
import english from '../../words/en/pages/glossary.json' with { type: 'json' };
import type { GlossaryText } from './page.ts';
import { texts } from './texts.ts';

const words = texts('glossary', english, {
  glossaryPage: {
    also: (names: readonly string[]) => ({ names: names.join(marks().comma) }),
    meaning: (word: string) => ({ word }),
  },
});

export const glossaryText: GlossaryText = words.glossaryText;
export const { glossaryPage } = words;
