/** The page about models that read and models that write. */
import type { LearnPage } from '../../page.ts';

export const reading: LearnPage = {
  id: 'reading',
  title: 'Reading or writing: which model do you need?',
  lead: 'To sort or to find texts, a model only has to read. That is quicker and smaller, and often just as good.',
  sections: [
    {
      title: 'Two kinds of models',
      paragraphs: [
        'A language [[model]] writes: it continues a text, [[token]] by token. A model that reads (an encoder) turns a whole text into a list of numbers, a vector. Texts that mean something similar get similar vectors. It writes nothing, so it can be small.',
      ],
    },
    {
      title: 'Which one for your task',
      paragraphs: ['Ask what should come out.'],
      points: [
        'One of your own [[category|categories]]: a model that reads.',
        'The passage that answers a question: a model that reads.',
        'Sentences, a rewritten text, a conversation: a language model.',
        'Details that are in the text but in no fixed list: a language model.',
      ],
    },
    {
      title: 'Three ways to sort',
      paragraphs: [
        'Fettle tries the quickest first and tells you what each gets right. You can stop at any of them.',
      ],
      points: [
        'Counting words. It learns which words speak for which category. It takes about a second, needs no download, and says which words decided.',
        'A model that reads. Its vectors know that "refund" and "money back" are close. It takes seconds, and a download once.',
        'A language model. It takes minutes to hours, and can also write.',
      ],
      after: [
        'On 360 questions to a bank in 12 categories, word counts were right for 92% of 480 [[test rows]], a small model that reads for 96%. A language model of 135 million parameters got 93 to 97% of such rows right, after minutes. Other rows give other figures: yours are measured on your own test rows.',
      ],
    },
    {
      title: 'When words are enough',
      paragraphs: [
        'If categories have words of their own, counting is hard to beat. If people say the same thing in many ways, or rows are few, a model that reads gains most. It must know the language of your texts.',
      ],
    },
  ],
  sources: [
    'Vectors of sentences: N. Reimers and I. Gurevych, "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks", 2019 (arXiv 1908.10084).',
    'The questions to a bank: I. Casanueva and others, "Efficient Intent Detection with Dual Sentence Encoders", 2020 (arXiv 2003.04807).',
  ],
};
