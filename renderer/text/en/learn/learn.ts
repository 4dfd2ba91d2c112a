/** The page "What fine-tuning is". */

import type { LearnPage } from '../../page.ts';
import { forgetting } from './forgetting.ts';
import { lora } from './lora.ts';
import { memory } from './memory.ts';
import { time } from './time.ts';
import { ways } from './ways.ts';

const fineTuning: LearnPage = {
  id: 'fine-tuning',
  title: 'What fine-tuning is',
  lead: 'You train a finished model a little further, on your own examples, until it does your task better.',
  sections: [
    {
      title: 'A model continues text',
      paragraphs: [
        'A language [[model]] reads a text and says how likely each next [[token]] is. That is all it does. It answers questions because its training texts answered questions.',
        'Its knowledge is in its [[parameters]]: millions or billions of numbers. [[Pre-training]] set them with many computers, over weeks or months, on more text than anyone could read.',
      ],
    },
    {
      title: 'Two trainings',
      paragraphs: [
        'Fine-tuning is the same training once more, but short, and on [[task data]]: rows that show what you want. The model already knows the language, so a few hundred good rows are often enough. This is called [[transfer]].',
      ],
      figure: 'picture-stages',
      after: [
        'The model reads a row and compares its own answer with yours. The [[loss]] says how far off it was. The [[gradient]] says which way each number must move so that the loss falls, and the [[optimizer]] moves them all a little. That is one [[step]].',
        'After a few hundred steps the model often answers as your rows do. Only rows that it has not seen can show if it does.',
      ],
    },
    {
      title: 'What it is good for',
      paragraphs: ['Fine-tuning teaches a way of answering.'],
      points: [
        'A tone or a style of writing that is yours.',
        'A form: always JSON with the same fields, always three sentences.',
        'Sorting into your own [[category|categories]].',
        'A character, or a role in a conversation.',
        'Doing with a small model what otherwise takes a large one and a long [[prompt]].',
      ],
    },
    {
      title: 'What it is not',
      paragraphs: [
        'It is not a library. A model learns facts from a few rows badly and mixes them up. You cannot look them up or change them afterwards.',
      ],
      points: [
        'To answer from documents, use [[document search]]. It finds the passage and shows it to the model, and it stays right when a document changes.',
        'If a sentence can say it, use [[prompting]], with [[few examples|a few examples]]. The [[verdict]] compares your trained model with exactly that.',
        'If the model is too small for the task, choose a larger one. Fine-tuning brings out what is there and adds little.',
      ],
    },
    {
      title: 'What can go wrong',
      paragraphs: [
        'A model can memorise its rows ([[overfitting]]). So Fettle keeps some of them as [[test rows]], which only measure. A model can also lose what it could do before ([[forgetting]]). Fettle measures both at the end of each run, and both have remedies.',
      ],
    },
  ],
};

export type { Figure, LearnPage, LearnSection } from '../../page.ts';

export const learnPages: readonly LearnPage[] = [fineTuning, ways, memory, time, forgetting, lora];

export const learnText = {
  title: 'Learn',
  lead: 'What happens in a training, on short pages. Multiplying is all the maths you need.',
  pages: 'Pages',
  sources: 'Sources',
  glossary: {
    id: 'glossary',
    title: 'Glossary',
    lead: 'Every technical word in Fettle.',
    filter: 'Find a word',
    nothing: 'No such word. Try another name for it.',
    also: (names: readonly string[]) => `Also: ${names.join(', ')}`,
    meaning: (word: string) => `What it means: ${word}`,
  },
  next: (title: string) => `Next: ${title}`,
  notFound: 'This page does not exist. Choose one from the list.',
} as const;
