/** The pages "What fine-tuning is" and "Ways to teach", and the frame of all learning pages. */

import type { LearnPage } from '../../page.ts';
import { forgetting } from './forgetting.ts';
import { lora } from './lora.ts';
import { memory } from './memory.ts';
import { reading } from './reading.ts';
import { time } from './time.ts';

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

const ways: LearnPage = {
  id: 'ways',
  title: 'Ways to teach',
  lead: 'Show the right answer where you can write it, and compare answers where you can only recognise it.',
  sections: [
    {
      title: 'Right answers',
      paragraphs: [
        'Each row is a question and the answer you want. The model learns to find that answer likely, token by token. This suits most tasks: a style, a format, categories, conversations. Begin here.',
      ],
    },
    {
      title: 'Better and worse answers',
      paragraphs: [
        'Each row is a question with two answers, and you say which is better. Training makes the better one likelier than the worse one. The model is also compared with itself before training, so that it stays near what it was. This is [[learning from preferences]].',
      ],
      points: [
        'It suits habits that are easier to recognise than to write: politer, shorter, more honest.',
        'Both answers should be ones that the model could give. It learns little from a worse answer that it would never write.',
        'Keep lengths alike. If the better answers are mostly longer, the model learns to write long ones.',
        '100 to 200 pairs change a habit. Single answers with a thumb up or down work too, and take more of them.',
      ],
      after: [
        'The verdict counts how often the model prefers the better answer of pairs that it has not seen. Before training that is about half.',
      ],
    },
    {
      title: 'Calls of tools',
      paragraphs: [
        'Each row is a question, the tools that a program offers, and the call that answers it. The model writes the call, the program runs it and returns the result. Results are shown to the model and never learned.',
        'Teach when to call as well as how: include rows that need no tool.',
      ],
    },
    {
      title: 'Thinking before the answer',
      paragraphs: [
        'Some models write their thinking down before they answer. Rows that hold it teach a way of thinking; rows without it can make the model stop. Only the answer is scored, since a person uses only that.',
      ],
    },
    {
      title: 'Categories with a score',
      paragraphs: [
        'A model that sorts can also say how sure it is. Fettle compares the likelihoods of your [[category|categories]], then adjusts them on [[test rows]] until "80% sure" means right in 80% of cases. What is less sure than your limit goes to a person.',
      ],
    },
  ],
  sources: [
    'DPO: R. Rafailov and others, "Direct Preference Optimization: Your Language Model is Secretly a Reward Model", 2023 (arXiv 2305.18290).',
    'KTO, single rated answers: K. Ethayarajh and others, "KTO: Model Alignment as Prospect Theoretic Optimization", 2024 (arXiv 2402.01306).',
    'Length: R. Park and others, "Disentangling Length from Quality in Direct Preference Optimization", 2024 (arXiv 2403.19159).',
    'Scores: C. Guo and others, "On Calibration of Modern Neural Networks", 2017 (arXiv 1706.04599).',
  ],
};

export const learnPages: readonly LearnPage[] = [fineTuning, ways, reading, memory, time, forgetting, lora];

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
