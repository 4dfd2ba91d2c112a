/** The pages "What fine-tuning is" and "Ways to teach", and the frame of all learning pages. */
import english from '../../../../words/en/pages/learn.json' with { type: 'json' };
import { texts } from '../../../text/texts.ts';
import { forgetting } from './forgetting.ts';
import { judging } from './judging.ts';
import { lora } from './lora.ts';
import { memory } from './memory.ts';
import type { LearnPage } from './page.ts';
import { reading } from './reading.ts';
import { time } from './time.ts';

const words = texts('learn', english, {
  learnText: {
    next: (title: string) => ({ title }),
  },
});

const fineTuning = words.fineTuning as LearnPage;
const ways = words.ways as LearnPage;

export const learnPages: readonly LearnPage[] = [
  fineTuning,
  ways,
  reading,
  memory,
  time,
  forgetting,
  lora,
  judging,
];
export const { learnText } = words;
