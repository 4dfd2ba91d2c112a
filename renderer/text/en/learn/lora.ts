/** The page about LoRA and QLoRA, and the words of its figures. */
import { bytes, number, percent } from '../../../../common/words/format.ts';
import type { LearnPage } from '../../page.ts';

export const lora: LearnPage = {
  id: 'lora',
  title: 'LoRA and QLoRA',
  lead: 'The model stays frozen, and only a small addition is trained. So training needs far less memory.',
  sections: [
    {
      title: 'A small change beside a large matrix',
      paragraphs: [
        'A model consists mostly of large matrices: tables of [[weights]] that turn one list of numbers into another. [[LoRA]] freezes them. Beside each it adds two narrow matrices: one reduces the input to a few numbers, the other expands them again. How few is the [[rank]]. Only these two are trained.',
      ],
      figure: 'picture-lora',
      after: [
        'The second narrow matrix starts with zeros, so at first the model behaves exactly as before. [[Alpha]] divided by the rank says how strongly the addition counts.',
      ],
    },
    {
      title: 'How small',
      paragraphs: [
        'An adapter often has less than 1% of the weights of its matrix. A matrix has inputs x outputs weights, its adapter rank x (inputs + outputs). With 4,096 inputs and outputs that is 16.8 million weights, and 131,072 for an adapter of rank 16. Only the adapter needs [[gradients]] and [[moments]].',
      ],
      invitation: 'Change the rank and see.',
      figure: 'adapter-size',
      after: [
        'Such a narrow change is usually enough: fine-tuning has been found to change a model in simple ways. If there is much to learn, full fine-tuning learns more.',
      ],
    },
    {
      title: 'Quantising what does not change',
      paragraphs: [
        'Frozen weights can be stored with fewer bits. [[QLoRA]] quantises them to 4 bits, about a quarter of [[FP16]]. Each block of weights gets a [[scale]], and each weight becomes one of its 16 steps. To compute, they are unpacked piece by piece. The [[adapters]] stay exact and can partly correct the [[quantisation error]].',
      ],
      figure: 'picture-rounding',
    },
    {
      title: 'What that does to memory',
      paragraphs: ['The same model, trained in three ways.'],
      figure: 'memory-methods',
    },
    {
      title: 'What you get',
      paragraphs: [
        'You get an [[adapter]]: a file of a few megabytes that is used together with its model. You can [[merging|merge]] it into the weights for an ordinary model, or save it as [[GGUF]] for other programs. Your base model is never changed.',
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
  matrixPart: 'Matrix, frozen',
  adapterPart: 'Adapter, trainable',
  share: (adapter: number, matrix: number) =>
    `The adapter has ${number(adapter)} weights, the matrix ${number(matrix)}: ${percent(adapter / matrix, 2)}.`,
  methods: 'A model with 7 billion weights, without activations',
  full: 'Full fine-tuning in FP16',
  lora: 'LoRA, weights in FP16',
  qlora: 'QLoRA, weights in 4 bits',
  methodsNote: (trained: number) =>
    `Adapters of rank 16 on all matrices have ${number(trained)} weights: ${bytes(4 * trained)} in FP32. Their gradients take the same again, the two moments twice that.`,
} as const;

/** What the pictures show, for those who do not see them, and the words in them. */
export const pictureWords = {
  stages: {
    label:
      'Two trainings. Pre-training turns huge amounts of general text into a base model, in months. Fine-tuning turns the base model and your rows into your model, in minutes to hours.',
    data: ['Huge amounts of text', 'Your rows'],
    training: ['Pre-training', 'Fine-tuning'],
    took: ['months, many computers', 'minutes to hours'],
    model: ['Base model', 'Your model'],
    transfer: 'knows the language',
  },
  lora: {
    label:
      'An input takes two paths. One leads through a large, frozen matrix. The other leads through two narrow, trainable ones: the first reduces it to as many numbers as the rank, the second expands it again. The output is the sum of both.',
    input: 'Input',
    frozen: 'Large matrix',
    frozenNote: 'frozen',
    down: 'down',
    up: 'up',
    rank: 'rank',
    trained: 'adapter, trainable',
    output: 'Output',
  },
  rounding: {
    label:
      'A number line with 16 evenly spaced steps. Seven weights lie between the steps, and each moves to the nearest one. Stored are the number of its step, in 4 bits, and one scale for the whole block.',
    weights: 'Weights, in 16 bits each',
    steps: 'The 16 steps of 4 bits',
    stored: 'Stored: the step of each weight, and one scale for the block',
  },
} as const;
