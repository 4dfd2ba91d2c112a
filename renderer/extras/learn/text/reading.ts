/** The page about models that read and models that write. */

import english from '../../../../words/en/pages/learn-reading.json' with { type: 'json' };
import { texts } from '../../../text/texts.ts';
import type { LearnPage } from './page.ts';

const words = texts('learn-reading', english, {});

export const reading = words.reading as LearnPage;
