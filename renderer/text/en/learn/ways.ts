/** The page about what rows can show: right answers, better ones, calls of tools, thinking, categories. */
import type { LearnPage } from '../../page.ts';

export const ways: LearnPage = {
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
