/** The words for whoever is new: the first page with the tour, help, and what is new. */

import english from '../../words/en/pages/help.json' with { type: 'json' };
import { texts } from './texts.ts';

export const { welcome, help } = texts('help', english, {
  help: {
    news: { version: (version: string, date: string) => ({ version, date }) },
    updates: { newer: (version: string) => ({ version }) },
  },
});
