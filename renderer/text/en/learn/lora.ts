/** The page about LoRA and QLoRA, and the words of its figures. */
import { bytes, number, percent } from '../../../../common/words/format.ts';
import type { LearnPage } from '../../page.ts';

export const lora: LearnPage = {
  id: 'lora',
  title: 'LoRA and QLoRA',
  lead: 'The weights stay as they are. What is trained is small, and so is what it needs.',
  sections: [
    {
      title: 'A small change beside a large matrix',
      paragraphs: [
        'A model consists mostly of large matrices: tables of [[weights]] that turn a list of numbers into another one. [[LoRA]] leaves them alone and adds to each the product of two narrow ones: one that brings its input down to a few numbers, one that brings them up again. How few is the [[rank]]. Only these are trained.',
      ],
      figure: 'picture-lora',
      after: [
        'The second narrow matrix begins with zeros, so at first the model is exactly what it was. How strongly the detour counts is [[alpha]] divided by the rank.',
      ],
    },
    {
      title: 'How small',
      paragraphs: [
        'A matrix has inputs x outputs weights; its adapter has rank x (inputs + outputs). [[Gradients]] and [[moments]] are kept for the adapter alone. With 4,096 inputs and outputs a matrix has 4,096 x 4,096 = 16.8 million weights, and an adapter of rank 16 has 16 x 8,192 = 131,072.',
      ],
      invitation: 'Change the rank and see.',
      figure: 'adapter-size',
      after: [
        'That a narrow change is enough is an observation, not a law: what distinguishes a fine-tuned model from the one it was made of has been found to be simple. Where much has to be learned, full fine-tuning learns more.',
      ],
    },
    {
      title: 'Rounding what does not change',
      paragraphs: [
        'Weights that are only read can be stored with fewer bits. [[QLoRA]] rounds them to 4 bits, about a quarter of [[FP16]]: each block of weights gets a [[scale]], and each weight becomes one of 16 steps of it. For computing they are unpacked again, a piece at a time. The [[adapters]] stay exact, and can partly make up for the rounding.',
      ],
      figure: 'picture-rounding',
    },
    {
      title: 'What that does to memory',
      paragraphs: ['The same model, trained in the three ways.'],
      figure: 'memory-methods',
    },
    {
      title: 'What you get',
      paragraphs: [
        'The result is an [[adapter]]: a file of some megabytes that is used together with its model. It can be [[merging|merged]] into the weights, which gives an ordinary model, and saved as [[GGUF]] for other programs. Because the original weights are untouched, the model as it was is never lost.',
      ],
    },
  ],
  sources: [
    'LoRA: E. Hu and others, "LoRA: Low-Rank Adaptation of Large Language Models", 2021 (arXiv 2106.09685).',
    'QLoRA: T. Dettmers and others, "QLoRA: Efficient Finetuning of Quantized LLMs", 2023 (arXiv 2305.14314).',
    'Why narrow is enough: A. Aghajanyan and others, "Intrinsic Dimensionality Explains the Effectiveness of Language Model Fine-Tuning", 2020 (arXiv 2012.13255).',
  ],
};

export const loraWords = {
  adapter: 'Weights of a matrix and of its adapter',
  inputs: 'Inputs',
  outputs: 'Outputs',
  rank: 'Rank',
  matrixPart: 'Matrix, not trained',
  adapterPart: 'Adapter, trained',
  share: (adapter: number, matrix: number) =>
    `The adapter has ${number(adapter)} weights beside ${number(matrix)}: ${percent(adapter / matrix, 2)}.`,
  methods: 'A model with 7 billion weights, without activations',
  full: 'Full fine-tuning in FP16',
  lora: 'LoRA, weights in FP16',
  qlora: 'QLoRA, weights in 4 bits',
  methodsNote: (trained: number) =>
    `Adapters of rank 16 at all matrices have ${number(trained)} weights. In FP32, 4 bytes each, they take ${bytes(4 * trained)}, their gradients as much again, and the two moments twice as much.`,
} as const;

/** What the pictures show, for those who do not see them, and the words in them. */
export const pictureWords = {
  stages: {
    label:
      'Three stages from left to right. Pre-training: very much general text, months, gives a base model. Fine-tuning: your rows, minutes to hours, gives your model. Use: a prompt goes in, an answer comes out.',
    data: ['Very much general text', 'Your rows'],
    training: ['Pre-training', 'Fine-tuning'],
    took: ['months, many computers', 'minutes to hours'],
    model: ['Base model', 'Your model'],
    transfer: 'knows the language',
  },
  lora: {
    label:
      'An input goes two ways: through a large matrix that is frozen, and through two narrow matrices that are trained, of which the first leads down to a few numbers, as many as the rank, and the second up again. Both results are added to the output.',
    input: 'Input',
    frozen: 'Large matrix',
    frozenNote: 'not trained',
    down: 'down',
    up: 'up',
    rank: 'rank',
    trained: 'adapter, trained',
    output: 'Output',
  },
  rounding: {
    label:
      'A number line with 16 evenly spaced steps. Seven weights lie between the steps; each is moved to the nearest one. What is stored is the number of the step, in 4 bits, and one scale for the whole block.',
    weights: 'Weights, in 16 bits each',
    steps: 'The 16 steps that 4 bits can name',
    stored: 'Stored: the number of a step for each, and one scale for the block',
  },
} as const;
