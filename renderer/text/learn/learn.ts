/** The pages "What fine-tuning is" and "Ways to teach", and the frame of all learning pages. */

import { marks } from '../../../common/words/marks.ts';
import english from '../../../words/en/pages/learn.json' with { type: 'json' };
import type { LearnPage } from '../page.ts';
import { texts } from '../texts.ts';
import { forgetting } from './forgetting.ts';
import { lora } from './lora.ts';
import { memory } from './memory.ts';
import { reading } from './reading.ts';
import { time } from './time.ts';

const words = texts('learn', english, {
  learnText: {
    glossary: {
      also: (names: readonly string[]) => ({ names: names.join(marks().comma) }),
      meaning: (word: string) => ({ word }),
    },
    next: (title: string) => ({ title }),
  },
});

const fineTuning = words.fineTuning as LearnPage;
const ways = words.ways as LearnPage;

export const learnPages: readonly LearnPage[] = [fineTuning, ways, reading, memory, time, forgetting, lora];
export const { learnText } = words;
