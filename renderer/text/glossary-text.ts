/** Every technical word of the application in one plain sentence, by section; the key of an entry is its English name. */

import english from '../../words/en/pages/glossary.json' with { type: 'json' };
import type { GlossaryText } from './page.ts';
import { texts } from './texts.ts';

export const glossaryText: GlossaryText = texts('glossary', english, {}).glossaryText;
