/** The page "What fine-tuning is". */

import type { LearnPage } from '../../page.ts';
import { forgetting } from './forgetting.ts';
import { lora } from './lora.ts';
import { memory } from './memory.ts';
import { time } from './time.ts';

const fineTuning: LearnPage = {
  id: 'fine-tuning',
  title: 'What fine-tuning is',
  lead: 'A finished model is trained a little further, on your examples, until it does your task better.',
  sections: [
    {
      title: 'A model continues text',
      paragraphs: [
        'A language [[model]] looks at a text and says how likely each next [[token]] is. That is all it does. It answers a question because in the texts that it learned from questions are followed by answers.',
        'What it has learned is in its [[parameters]]: millions or billions of numbers. They were set in [[pre-training]], on more text than a person could read in many lives, with many computers, over weeks or months.',
      ],
    },
    {
      title: 'Two trainings',
      paragraphs: [
        'Fine-tuning is the same kind of training once more, but short, and on [[task data]]: rows that show what you want. It begins where pre-training ended, so the model need not learn the language again. That what was learned in one training helps in the next is called [[transfer]], and it is why a few hundred good rows are often enough.',
      ],
      figure: 'picture-stages',
      after: [
        'The model reads one of your rows and compares what it would have said with the answer that you want. How far it was off is the [[loss]]. The [[gradient]] says in which direction each number has to move so that the loss falls, and the [[optimizer]] moves them all by a small amount. This is a [[step]]. After some hundreds of them the model often answers as your rows do; whether it does, and on messages that it has not seen, has to be measured.',
      ],
    },
    {
      title: 'What it is good for',
      paragraphs: ['Fine-tuning teaches a manner of answering.'],
      points: [
        'A tone, or a way of writing that is yours.',
        'A form: always JSON with the same fields, always three sentences.',
        'Sorting into your own [[label|labels]].',
        'A character, or a role in a conversation.',
        'Doing with a small model what otherwise needs a large one and a long [[prompt]].',
      ],
    },
    {
      title: 'What it is not',
      paragraphs: [
        'It is not a way to store a library. Facts that stand in a few rows are learned badly, mixed up with others, and cannot be looked up or changed afterwards.',
      ],
      points: [
        'For knowing documents, [[document search]] is better: it finds the passage, shows it to the model, and stays right when a document changes.',
        'For something that a sentence can say, [[prompting]] is better: say it, with [[few examples|a few examples]], and there is nothing to train. Fettle compares your trained model with exactly that and says so in the [[verdict]].',
        'For what the model cannot do at all, such as reasoning far beyond its size, a larger model is better. Fine-tuning brings out what is there; it adds little.',
      ],
    },
    {
      title: 'What can go wrong',
      paragraphs: [
        'A model can learn the rows by heart ([[overfitting]]), which is why some rows are [[held-out|held out]] and only used for measuring. It can lose what it could do before ([[forgetting]]). Both are measured at the end of each run, and both have remedies.',
      ],
    },
  ],
};

export type { Figure, LearnPage, LearnSection } from '../../page.ts';

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
