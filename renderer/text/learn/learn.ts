/** The learning pages in their order, each with a file of its own in learn/, and the words around them. `[[terms]]` lead to the glossary. */
import { fineTuning } from './fine-tuning.ts';
import { forgetting } from './forgetting.ts';
import { lora } from './lora.ts';
import { memory } from './memory.ts';
import type { LearnPage } from './page.ts';
import { time } from './time.ts';

export type { Figure, LearnPage, LearnSection } from './page.ts';

export const learnPages: readonly LearnPage[] = [fineTuning, memory, time, forgetting, lora];

export const learnText = {
  title: 'Learn',
  lead: 'Short pages about what happens here. Nothing beyond multiplying is needed, and each formula has an example.',
  pages: 'Pages',
  sources: 'Sources',
  glossary: {
    id: 'glossary',
    title: 'Glossary',
    lead: 'Every technical word in Fettle.',
    filter: 'Find a word',
    nothing: 'No such word. Perhaps it has another name.',
    also: (names: readonly string[]) => `Also: ${names.join(', ')}`,
    meaning: (word: string) => `What is meant: ${word}`,
  },
  next: (title: string) => `Next: ${title}`,
  notFound: 'There is no such page. These are the ones that there are.',
} as const;
