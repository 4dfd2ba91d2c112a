/** The page about memory, and the words of its calculator. */
import type { Otherwise } from '../../../../common/api/contract.ts';
import { bytes, count, number, plural } from '../../../../common/words/format.ts';
import type { LearnPage } from '../../page.ts';

export const memory: LearnPage = {
  id: 'memory',
  title: 'Memory',
  lead: 'The first wall: training needs several times the memory that using a model needs. Here is where it goes.',
  sections: [
    {
      title: 'Four numbers for each weight',
      paragraphs: [
        'To use a model, its [[weights]] must fit into memory. To train it, three more numbers stand beside each weight: its [[gradient]], and the two [[moments]] that the optimizer AdamW keeps. A model with 7 billion weights in [[FP16]], two bytes each, has 14 GB of weights. With gradients and moments in the same format that is four times as much, 56 GB, before a single word has been read.',
      ],
      invitation: 'Choose a model and a way to train it. The bar shows what each part takes.',
      figure: 'memory-calculator',
    },
    {
      title: 'Formats of numbers',
      paragraphs: ['The fewer bits a number has, the smaller and the less exact it is.'],
      points: [
        '[[FP32]]: 4 bytes, about seven decimal digits, so that rounding hardly ever matters. Fettle trains in it.',
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
        'On the way back through the model the values that were computed on the way there are needed again: the [[activations]]. They grow with the rows that go through at once and with their length.',
        'How much is that? A token on its way through the model is a list of numbers, as many as the model is wide: its [[width]]. For the way back each [[layer]] keeps as many numbers as 16 such lists have, two bytes each in 16 bits, and two lists of marks of one byte, for what [[dropout]] left out: 34 bytes for each number of the width. Each [[attention head]] also keeps two numbers and a mark, 5 bytes, for each pair of tokens of a row. So a layer takes',
        'rows x tokens x (34 x width + 5 x heads x tokens) bytes.',
        'An example: one row of 1,024 tokens in a model with 7 billion weights, which is 4,096 wide and has 32 heads in each of its 32 layers. In the bracket stand 34 x 4,096 = 139,264 and 5 x 32 x 1,024 = 163,840, together 303,104; times 1,024 tokens that is 310 MB a layer, and 9.9 GB for all 32. The second part is [[attention]], which looks at each pair of tokens: rows of twice the length take four times as much there.',
        'With [[recomputation]] fewer of them are kept. Without what attention makes of each pair ("selective") the second part is gone: 143 MB a layer in the example. With only the list that goes into each layer ("full") it is rows x tokens x width x 2 bytes, 8.4 MB, and the whole way there is computed twice.',
      ],
    },
    {
      title: "Why Fettle's own figure differs",
      paragraphs: [
        "In the app a second bar stands below the textbook's: the memory of the [[graph]] that Fettle would really run, as the plan of a run has it. On the command line `fettle learn memory --graph` shows it. It can be told without the weights, so it is there for models that are not on this computer, too, and for a number of weights by a known model of about that size. It differs from the textbook's for reasons that can be named.",
      ],
      points: [
        'Fettle computes in [[FP32]]: gradients, adapters and all values on the way take 4 bytes. So do weights, unless they are rounded or kept in 16 bits. Where Fettle has no counterpart to a choice, such as SGD, the calculator says what was priced in its place.',
        'With [[QLoRA]] the textbook rounds all weights alike. Fettle keeps the [[embedding]] and the [[output head]] in 8 bits, also where the matrices of the layers have 4.',
        "Where the number of rows is 0, the textbook leaves the activations out. Fettle's graph then has one row.",
        'The textbook takes rows of any length. Fettle cuts them to what the model can read, its [[context length]], and then takes so many more of them that there are as many tokens.',
        'The [[logits]], one number for each token of the [[vocabulary]] and each token of the rows, are made in pieces and never all at once. The textbook leaves them out.',
        "The textbook's formula is for layers as GPT-2 has them, with two matrices in the feed-forward part and with [[dropout]]. Newer models have three, and none.",
        'Of the values on the way Fettle keeps only those that the way back reads, and what is quickly made is made again. The textbook keeps the same with adapters as without.',
        'The program itself takes memory, and so does room that [[onnxruntime]] holds for its next results. The textbook has neither.',
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
  batch: 'Rows at once',
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
    `Fettle's graph for ${model} (${count(parameters)} weights)`,
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
    `Computed in FP32, for ${plural(rows, 'row')} of ${number(length)} tokens, each of which is trained on.`,
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
