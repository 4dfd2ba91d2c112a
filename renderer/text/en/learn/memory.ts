/** The page about memory, and the words of its calculator. */
import type { Otherwise } from '../../../../common/api/contract.ts';
import { bytes, count, number, plural } from '../../../../common/words/format.ts';
import type { LearnPage } from '../../page.ts';

export const memory: LearnPage = {
  id: 'memory',
  title: 'Memory',
  lead: 'Training a model takes several times the memory that using it takes. Here is where it goes.',
  sections: [
    {
      title: 'Four numbers for each weight',
      paragraphs: [
        'Training keeps four numbers for each weight. Using a model takes only the first: its [[weights]]. Training adds the [[gradient]] of each, and the two [[moments]] that the optimizer AdamW keeps.',
        'A model with 7 billion weights in [[FP16]], two bytes each, has 14 GB of weights. With gradients and moments in the same format that is four times as much, 56 GB, before it has read a single word.',
      ],
      invitation: 'Choose a model and a method. The bar shows what each part takes.',
      figure: 'memory-calculator',
    },
    {
      title: 'Formats of numbers',
      paragraphs: ['The fewer bits a number has, the smaller and the less exact it is.'],
      points: [
        '[[FP32]]: 4 bytes, about seven digits. Rounding hardly ever matters. Fettle trains in it.',
        'FP16: 2 bytes, about three digits and a small range. Small gradients must be scaled up, or they become 0.',
        '[[BF16]]: 2 bytes, with the range of FP32 and only two to three digits.',
        '8 and 4 bits: 1 or half a byte, and a [[scale]] for each block of numbers. Such weights stay frozen, because rounding would swallow small changes. See [[quantisation]].',
      ],
    },
    {
      title: 'Mixed precision',
      paragraphs: [
        '[[Mixed precision]] saves time, not memory. A step often changes a weight by less than 16 bits can express. So the model computes in 16 bits, and the optimizer changes a second copy in FP32, the [[master weights]].',
        'Each weight then takes 2 bytes, its gradient 2, the copy 4 and each moment 4. Those 16 bytes are as much as FP32 alone takes: 112 GB for 7 billion.',
      ],
    },
    {
      title: 'Activations',
      paragraphs: [
        'The backward pass needs values from the forward pass: the [[activations]]. They grow with the number of rows at once and with their length.',
        'In a model, a token is a list of numbers, as long as the model is wide: its [[width]]. Each [[layer]] keeps 34 bytes for each number of the width: 16 lists of two bytes, and two of one byte for [[dropout]]. Each [[attention head]] keeps 5 bytes for each pair of tokens. So a layer takes',
        'rows x tokens x (34 x width + 5 x heads x tokens) bytes.',
        'An example: one row of 1,024 tokens, and 7 billion weights in 32 layers, 4,096 wide with 32 heads each. The bracket is 34 x 4,096 = 139,264 plus 5 x 32 x 1,024 = 163,840, together 303,104. Times 1,024 tokens that is 310 MB a layer, and 9.9 GB for all 32. The second part is [[attention]]: rows of twice the length take four times as much there.',
        '[[Activation recompute]] (gradient checkpointing) keeps fewer of them. "Selective" drops the attention part: 143 MB a layer in the example. "Full" keeps only the input of each layer, rows x tokens x width x 2 bytes, 8.4 MB, and computes the forward pass twice.',
      ],
    },
    {
      title: "Why Fettle's own estimate differs",
      paragraphs: [
        'The textbook gives a rule of thumb. Fettle adds up the operations that your run would really do, as in the plan of a run. So the two bars differ:',
      ],
      points: [
        'Fettle computes in [[FP32]]: gradients, adapters and activations take 4 bytes. So do weights that are not quantised or kept in 16 bits.',
        'With [[QLoRA]] the textbook quantises all weights alike. Fettle keeps the [[embedding]] and the [[output head]] in 8 bits.',
        'With 0 rows the textbook leaves the activations out. Fettle then counts one row.',
        'Fettle cuts rows at the [[context length]] of the model, and takes more rows for the same number of tokens.',
        'Fettle computes the [[logits]], one number for each token of the [[vocabulary]], in pieces. The textbook leaves them out.',
        'The textbook counts layers like those of GPT-2, with two feed-forward matrices and dropout. Newer models have three, and no dropout.',
        'Fettle keeps only the activations that the backward pass reads. The textbook keeps the same with adapters as without.',
        'Fettle adds the memory of the program itself and of its buffers.',
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
  'shorter-rows': 'with rows cut at the context length of the model',
};

export const memoryWords = {
  model: 'Model',
  ownSize: 'Any size',
  size: 'Size of the model',
  sizeUnit: 'billion weights',
  textbook: 'Textbook case: 7 billion, FP16, full',
  method: 'Method',
  methods: { full: 'Full fine-tuning', lora: 'LoRA', qlora: 'QLoRA' },
  format: 'Number format',
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
  recompute: 'Activation recompute',
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
    `Fettle's estimate for ${model} (${count(parameters)} weights)`,
  fettleParts: {
    weights: 'Frozen weights',
    state: 'Trainable weights, gradients, moments',
    working: 'Working memory',
    program: 'Program',
  },
  trained: (trained: number, all: number) =>
    trained === all
      ? `All ${count(all)} weights are trainable.`
      : `${count(trained)} adapter weights are trainable; ${count(all)} stay frozen.`,
  each: (bytesEach: number) => `${number(bytesEach, 2)} bytes for each weight, without activations.`,
  shape: (name: string, layers: number, width: number) =>
    `Shaped like ${name}: ${number(layers)} layers, ${number(width)} wide.`,
  fettleShape: (rows: number, length: number) =>
    `In FP32, for ${plural(rows, 'row')} of ${number(length)} tokens.`,
  difference: (textbook: number, fettle: number) =>
    `The textbook says ${bytes(textbook)}, Fettle ${bytes(fettle)}. The reasons are below.`,
  /** What the estimate was made with, where Fettle lacks what was chosen above. */
  otherwise: (what: readonly Otherwise[]) => `Estimated ${what.map((each) => OTHERWISE[each]).join('; ')}.`,
  noGraph: {
    'not-asked':
      'No known model has about this size. Choose a model from the list to see Fettle’s own estimate.',
    'not-here': 'Download this model to see Fettle’s own estimate.',
  },
  asking: 'Estimating',
} as const;
