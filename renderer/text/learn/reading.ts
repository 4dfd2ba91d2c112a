/** The page about models that read and models that write. */

import english from '../../../words/en/pages/learn-reading.json' with { type: 'json' };
import type { LearnPage } from '../page.ts';
import { texts } from '../texts.ts';

const words = texts('learn-reading', english, {});

export const reading = words.reading as LearnPage;
