/** The page about memory, and the words of its calculator. */
import type { Otherwise } from '../../../preload/contract.ts';
import { bytes, count, number, plural } from '../format.ts';
import type { LearnPage } from './page.ts';

export const memory: LearnPage = {
  id: 'memory',
  title: 'Memory',
  lead: 'The first wall: training needs several times the memory that using a model needs. Here is where it goes.',
  sections: [
    {
      title: 'Four numbers for each weight',
      paragraphs: [
        'To use a model, its [[weights]] must fit into memory. To train it, three more numbers stand beside each weight: its [[gradient]], and the two [[moments]] that the optimizer AdamW keeps. A model with 7 billion weights in [[FP16]], two bytes each, has 14 GB of weights. With gradients and moments in the same format that is four times as much, 56 GB, before a single word has been read.',
        'Choose a model and a way to train it. The bar shows what each part takes.',
      ],
      figure: 'memory-calculator',
    },
    {
      title: 'Formats of numbers',
      paragraphs: ['The fewer bits a number has, the smaller and the less exact it is.'],
      points: [
        '[[FP32]]: 4 bytes, about seven decimal digits. Nothing is lost; Fettle trains in it.',
        'FP16: 2 bytes, about three digits and a small range, so that small gradients must be scaled up or they become 0.',
        '[[BF16]]: 2 bytes with the range of FP32 and only two to three digits.',
        '8 and 4 bits: 1 or half a byte, and a [[scale]] for each block of numbers. Such weights are only read, because a small change would be rounded away. See [[quantisation]].',
      ],
    },
    {
      title: 'Mixed precision',
      paragraphs: [
        'The change of a weight in a step is often smaller than what 16 bits can express beside the weight itself. In [[mixed precision]] the model computes with 16 bits, and the optimizer changes a second copy in FP32, the [[master weights]]. Per weight: 2 bytes for the weight, 2 for its gradient, 4 for the copy and 4 for each moment. That is 16 bytes, as much as in FP32 alone, 112 GB for 7 billion. What is won is speed.',
      ],
    },
    {
      title: 'Activations',
      paragraphs: [
        'On the way back through the model the values that were computed on the way there are needed again: the [[activations]]. They grow with the rows that go through at once and with their length. For a layer in 16 bits they take tokens x rows x width x (34 + 5 x heads x tokens / width) bytes. The second part belongs to [[attention]], which looks at each pair of tokens, so that twice the length takes four times the memory there.',
        'With [[recomputation]] fewer of them are kept: without what attention makes of each pair ("selective") the second part is gone; with only the input of each layer ("full") it is tokens x rows x width x 2, and the whole way is computed twice.',
      ],
    },
    {
      title: "Why Fettle's own figure differs",
      paragraphs: [
        "Below the textbook's bar stands the memory of the graph that Fettle would really run, as the plan of a run has it. It can be told without the weights, so it is there for models that are not on this computer, too, and for a number of weights by a known model of about that size. It is not the same as the textbook's, for reasons that can be named.",
      ],
      points: [
        'Fettle computes in FP32: gradients, adapters and all values between take 4 bytes. Weights do so, too, unless the choice above rounds them or keeps them in 16 bits. Where a choice has no counterpart in Fettle, such as SGD, the page says what was priced in its place.',
        'Both count full rows here. In a run, short rows are put side by side ([[packing]]), so that no place is empty.',
        'The [[logits]], one number for each word of the [[vocabulary]] and each token, are made in pieces and never all at once. The textbook leaves them out.',
        'With adapters, no gradient is made for frozen weights, and none at all below the lowest layer that is trained.',
        "The textbook's formula is for layers as GPT has them, with [[dropout]]; newer models have three matrices where it has two, and no dropout.",
        'The program itself takes memory too, and the textbook has none.',
      ],
    },
  ],
  sources: [
    'Activations: V. Korthikanti and others, "Reducing Activation Recomputation in Large Transformer Models", 2022 (arXiv 2205.05198).',
    'Mixed precision: P. Micikevicius and others, "Mixed Precision Training", 2018 (arXiv 1710.03740).',
    'AdamW in 8 bits: T. Dettmers and others, "8-bit Optimizers via Block-wise Quantization", 2022 (arXiv 2110.02861).',
    'Shapes of models: the config.json that their makers publish.',
  ],
};

const OTHERWISE: Readonly<Record<Otherwise, string>> = {
  adamw: 'with AdamW, because Fettle has no SGD',
  'fp32-weights': 'with weights in FP32',
  'fp32-gradients': 'with gradients in FP32',
  'fp32-moments': 'with the moments of AdamW in FP32',
  'shorter-rows': 'with rows as long as the model reads at once',
};

export const memoryWords = {
  title: 'Calculator',
  model: 'Model',
  ownSize: 'A number of weights',
  size: 'Weights of the model',
  sizeUnit: 'billion',
  textbook: 'The textbook case: 7 billion, FP16, all of it',
  method: 'Method',
  methods: { full: 'Full fine-tuning', lora: 'LoRA', qlora: 'QLoRA' },
  format: 'Format of the weights',
  formats: { fp32: 'FP32', fp16: 'FP16', bf16: 'BF16', int8: '8-bit', int4: '4-bit' },
  optimizer: 'Optimizer',
  optimizers: {
    adamw: 'AdamW',
    'adamw-8bit': 'AdamW, 8-bit',
    'sgd-momentum': 'SGD with momentum',
    sgd: 'SGD',
  },
  masterWeights: 'Mixed precision',
  masterWeightsHint: 'A second copy of the weights in FP32',
  rank: 'Rank',
  targets: 'Target layers',
  targetNames: { all: 'All matrices', attention: 'Attention', 'query-value': 'Queries and values' },
  batch: 'Batch',
  batchUnit: 'rows',
  batchHint: '0 leaves the activations out',
  length: 'Length of a row',
  lengthUnit: 'tokens',
  recompute: 'Recomputation',
  recomputes: { none: 'None', selective: 'Selective', full: 'Full' },
  parts: {
    weights: 'Weights',
    adapters: 'Adapters',
    gradients: 'Gradients',
    master: 'Copy in FP32',
    moments: 'Moments of the optimizer',
    activations: 'Activations',
  },
  bar: 'By the textbook',
  fettleBar: (model: string, parameters: number) =>
    `Fettle's graph for ${model} (${count(parameters)} weights), computing in FP32`,
  fettleParts: {
    weights: 'Frozen weights',
    state: 'Trained weights, gradients, moments',
    working: 'Working room',
    program: 'Program',
  },
  trained: (trained: number, all: number) =>
    trained === all
      ? `All ${count(all)} weights are trained.`
      : `${count(trained)} weights of adapters are trained; ${count(all)} stay as they are.`,
  each: (bytesEach: number) => `${number(bytesEach, 2)} bytes for each weight, without activations.`,
  shape: (name: string, layers: number, width: number) =>
    `Layers and widths as in ${name}: ${number(layers)} layers, ${number(width)} wide.`,
  fettleShape: (rows: number, length: number) =>
    `Priced for ${plural(rows, 'row')} of ${number(length)} tokens, each of which is trained on.`,
  difference: (textbook: number, fettle: number) =>
    `The textbook says ${bytes(textbook)}, Fettle's graph ${bytes(fettle)}. Why they differ is said below.`,
  /** What the graph was priced with, where Fettle has not what was chosen above. */
  otherwise: (what: readonly Otherwise[]) =>
    `Priced otherwise than chosen above: ${what.map((each) => OTHERWISE[each]).join('; ')}.`,
  noGraph: {
    'not-asked':
      "No known model is about as large, so there is no graph to ask. Choose a model from the list to see what Fettle's own graph says.",
    'not-here':
      "The shape of this model is not known before it is on this computer. Download it to see what Fettle's own graph says.",
  },
  asking: "Asking Fettle's graph",
} as const;
