/** The learning pages: what fine-tuning is, why it was out of reach, how adapters change that. `[[terms]]` lead to the glossary. */
export type Figure = 'memory-full' | 'memory-methods' | 'adapter-size';

export interface LearnPage {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly sections: readonly {
    readonly title: string;
    readonly paragraphs: readonly string[];
    readonly points?: readonly string[];
    readonly figure?: Figure;
  }[];
}

const what: LearnPage = {
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
      title: 'Your examples move it',
      paragraphs: [
        'In fine-tuning the model reads one of your examples and compares what it would have said with the answer that you want. The difference is the [[loss]]. The [[gradient]] says in which direction each number has to move so that the loss falls, and the [[optimizer]] moves them by a small amount. This is a [[step]]. After some hundreds of them the model answers as your examples do.',
        'A few hundred good examples are often enough, because the model knows the language already. That is called [[transfer]].',
      ],
    },
    {
      title: 'What it is good for, and what not',
      paragraphs: ['Fine-tuning teaches a manner, not a library.'],
      points: [
        'Good: a tone, a format, sorting into your own categories, a way of answering, a character.',
        'Not good: knowing the contents of documents. [[Document search]] finds the passage and shows it to the model, and stays right when a document changes.',
        'Try [[prompting]] first: say what you want, with [[few examples|a few examples]], in the prompt. If that is good enough, there is nothing to train. Fettle measures that for you and says so in the [[verdict]].',
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

const walls: LearnPage = {
  id: 'walls',
  title: 'The three walls',
  lead: 'Why fine-tuning was a matter for data centres: memory, time and cost, and forgetting.',
  sections: [
    {
      title: 'Memory',
      paragraphs: [
        'To use a model, its weights must fit into memory. To train it, much more must: a [[gradient]] for each weight, and the two moments that the [[optimizer]] keeps. A model with 7 billion [[parameters]] has 14 GB of weights in [[FP16]]. With gradients and moments in the same format it is 56 GB, before a single word has been read: each word on its way through the model needs [[working room]] too.',
      ],
      figure: 'memory-full',
    },
    {
      title: 'Time and cost',
      paragraphs: [
        'A step costs about six operations for each weight and each [[token]]: two to read the text, four to find out how each weight has to change. A model of 7 billion weights and a million tokens are 42 thousand million million operations. A computer that does 300 thousand million a second ([[GFLOP/s|300 GFLOP/s]]) would need a day and a half for one pass; a small model needs minutes.',
        'That is why Fettle measures your computer first, and says what a run takes before it begins.',
      ],
    },
    {
      title: 'Forgetting',
      paragraphs: [
        'Whatever moves the weights towards your task moves them away from something else. Many steps, a high [[learning rate]] and few kinds of examples make a model that does one thing and has unlearned the rest. Fettle asks the model general questions before and after, and tells you what it lost. Fewer [[epochs]], a lower learning rate, [[LoRA]], [[replay]] and [[stay close]] help.',
      ],
    },
  ],
};

const lora: LearnPage = {
  id: 'lora',
  title: 'LoRA and QLoRA',
  lead: 'The weights stay as they are. What is trained is small, and so is what it needs.',
  sections: [
    {
      title: 'A small change beside a large matrix',
      paragraphs: [
        'A model consists mostly of large matrices. [[LoRA]] leaves them alone and adds to each the product of two narrow ones: one that brings its input down to a few numbers, one that brings them up again. How few is the [[rank]]. Only these are trained.',
        'A matrix of 4,096 by 4,096 has 16.8 million weights. With rank 16 the two narrow ones have 131 thousand, less than one in a hundred. Gradients and moments are kept for those alone.',
      ],
      figure: 'adapter-size',
    },
    {
      title: 'Rounding what does not change',
      paragraphs: [
        'Weights that are only read can be stored with fewer bits. [[QLoRA]] rounds them to 4 bits, about a quarter of [[FP16]], and trains the same [[adapters]] beside them. The rounding costs a little precision, which the adapters can partly make up for.',
      ],
      figure: 'memory-methods',
    },
    {
      title: 'What you get',
      paragraphs: [
        'The result is an [[adapter]]: a file of some megabytes that is used together with its model. It can be [[merging|merged]] into the weights, which gives an ordinary model, and saved as [[GGUF]] for other programs. Because the original weights are untouched, the model as it was is never lost.',
      ],
    },
  ],
};

export const learnPages: readonly LearnPage[] = [what, walls, lora];

export const learnText = {
  title: 'Learn',
  lead: 'Short pages about what happens here. No mathematics is needed.',
  pages: 'Pages',
  glossary: {
    id: 'glossary',
    title: 'Glossary',
    lead: 'Every technical word in Fettle.',
    filter: 'Find a word',
    nothing: 'No such word. Perhaps it has another name.',
    also: (names: readonly string[]) => `Also: ${names.join(', ')}`,
  },
  next: (title: string) => `Next: ${title}`,
  notFound: 'There is no such page. These are the ones that there are.',
  figures: {
    model: 'A model with 7 billion parameters, without working room',
    weights: 'Weights',
    gradients: 'Gradients',
    moments: 'Moments of the optimizer',
    adapters: 'Adapters with gradients and moments',
    full: 'Full fine-tuning in FP16',
    lora: 'LoRA, weights in FP16',
    qlora: 'QLoRA, weights in 4 bits',
    computed:
      'Computed: parameters times bytes each. Adapters of rank 16 at all linear layers, 40 million parameters, 16 bytes each.',
    computedFull: 'Computed: 7 billion parameters times 2 bytes, four times over.',
    matrix: 'Weights of a matrix of 4,096 by 4,096, and of an adapter with rank 16',
    matrixWeights: 'Matrix, not trained',
    adapterWeights: 'Adapter, trained',
  },
} as const;
