/** `fettle learn memory`: the memory of a training by the textbook. */
import type { TextbookPart } from '../../../common/api/plan.ts';
import {
  type MemoryAnswer,
  type MemoryLesson,
  MemoryQuestion,
  type NoGraph,
  type Otherwise,
} from '../../../common/extras/learn/calls.ts';
import { type Arguments, type Flag, HELP_FLAG, JSON_FLAG } from '../../cli/arguments.ts';
import { type Command, EXIT, printOne, type Streams } from '../../cli/command.ts';
import { bytes, count, number, plural } from '../../cli/words.ts';
import { MODEL_FLAGS, questionOf } from './question.ts';

const FLAGS: readonly Flag[] = [
  ...MODEL_FLAGS,
  {
    name: 'format',
    value: 'fp32|fp16|bf16|int8|int4',
    about: 'number format of the weights; int8 and int4 are for qlora',
    group: 'Memory',
    fallback: 'fp16; int4 for qlora',
    alsoCalled: ['dtype', 'precision', 'bits'],
  },
  {
    name: 'optimizer',
    value: 'adamw|adamw-8bit|sgd-momentum|sgd',
    about: 'optimizer',
    group: 'Memory',
    fallback: 'adamw',
    alsoCalled: ['optim'],
  },
  {
    name: 'master-weights',
    about: 'mixed precision: keep a second copy of the weights in FP32',
    group: 'Memory',
    negatable: true,
    alsoCalled: ['mixed-precision', 'amp'],
  },
  {
    name: 'batch',
    value: 'N',
    about: 'rows processed at once; 0 leaves activations out',
    group: 'Memory',
    fallback: '0',
    alsoCalled: ['batch-size', 'micro-batch'],
  },
  {
    name: 'length',
    value: 'N',
    about: 'tokens of a row',
    group: 'Memory',
    fallback: '1024',
    alsoCalled: ['max-length', 'sequence-length', 'seq-len', 'context'],
  },
  {
    name: 'recompute',
    value: 'none|selective|full',
    about: 'activation recompute',
    group: 'Memory',
    fallback: 'none',
    alsoCalled: ['checkpointing', 'gradient-checkpointing'],
  },
  {
    name: 'graph',
    about: 'also show what a run of Fettle takes, with a known model of about that size',
    group: 'Memory',
    alsoCalled: ['fettle', 'own', 'compare'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'learn memory [flags]',
  about:
    'Textbook arithmetic for any size of model; nothing is loaded. --graph adds what a run of Fettle takes.',
  examples: [
    'fettle learn memory --parameters 7e9 --format fp16 --method full',
    'fettle learn memory --parameters 7B --method qlora --batch 1 --length 2048',
    'fettle learn memory --model mistralai/Mistral-7B-v0.3 --method lora --rank 8',
    'fettle learn memory --parameters 7B --batch 1 --graph',
  ],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const isQuantised = args.values.get('method') === 'qlora' && !args.values.has('format');
  const values = isQuantised ? new Map([...args.values, ['format', 'int4']]) : args.values;
  const question = await questionOf(MemoryQuestion, { ...args, values });
  const { memoryLesson, memoryLessonHere } = await import('./lessons.ts');
  const repo = args.values.get('model') as string | undefined;
  const asked = args.values.get('graph') === true;
  const lesson = await (asked ? memoryLessonHere(question, repo) : memoryLesson(question, repo, null));
  const { textbook, ...graph } = lesson;
  const text = () => memoryText(textbook) + (asked ? graphText(graph) : '');
  printOne(args, streams, asked ? { ...textbook, ...graph } : textbook, text);
  return EXIT.ok;
}

const NAMES: Readonly<Record<TextbookPart, string>> = {
  weights: 'Weights',
  adapters: 'Adapters',
  gradients: 'Gradients',
  master: 'Second copy of the weights in FP32',
  moments: "Optimizer's values",
  activations: 'Activations',
};

export function memoryText(answer: MemoryAnswer): string {
  const { parts, totalBytes, parameters, trainedParameters, bytesPerParameter, shapeOf, layers, width } =
    answer;
  const rows = parts.map((each) => [NAMES[each.part], each.bytes] as const);
  const trained =
    trainedParameters === parameters
      ? `All ${count(parameters)} weights are trained`
      : `${count(trainedParameters)} weights of adapters are trained, ${count(parameters)} stay as they are`;
  return `${[
    ...sizeLines([...rows, ['Together', totalBytes]]),
    '',
    `${trained}; ${bytesPerParameter.toFixed(2)} bytes for each weight of the model${parts.some(({ part }) => part === 'activations') ? ', without activations' : ''}.`,
    `Layers and widths are those of ${shapeOf}: ${layers} layers, ${width} wide.`,
  ].join('\n')}\n`;
}

/** Sizes in bytes, each beside its name. */
function sizeLines(rows: readonly (readonly [name: string, size: number])[]): string[] {
  const left = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, size]) => name.padEnd(left) + bytes(size).padStart(9));
}

const NO_GRAPH: Readonly<Record<NoGraph, string>> = {
  'not-asked': 'No known model is about as large, so there is no graph to price: name one with --model.',
  'not-here': 'The shape of this model is not known, so there is no graph to price.',
};

const OTHERWISE: Readonly<Record<Otherwise, string>> = {
  adamw: 'with AdamW: Fettle has no SGD',
  'fp32-weights': 'with weights in FP32',
  'fp32-gradients': 'with gradients in FP32',
  'fp32-moments': "with AdamW's moments in FP32",
  'shorter-rows': 'with rows as long as the model reads at once',
};

function graphText({ graph, noGraph }: Pick<MemoryLesson, 'graph' | 'noGraph'>): string {
  if (graph === null) return `\n${NO_GRAPH[noGraph!]}\n`;
  const parts = [
    ['Frozen weights', graph.weightBytes],
    ['Trained weights, gradients, moments', graph.stateBytes],
    ['Activations and working memory', graph.workingBytes],
    ['Program', graph.programBytes],
  ] as const;
  const rows = parts.filter(([, size]) => size > 0);
  return `${[
    '',
    `Fettle's own graph for ${graph.model} (${count(graph.parameters)} weights), computing in FP32, for ${plural(graph.rows, 'row')} of ${number(graph.rowLength)} tokens:`,
    ...sizeLines([...rows, ['Together', graph.totalBytes]]),
    '',
    ...(graph.otherwise.length > 0
      ? [`Priced otherwise than asked: ${graph.otherwise.map((what) => OTHERWISE[what]).join('; ')}.`]
      : []),
    'Why it is another figure than the textbook has: docs/learn/memory.md, or the page Learn.',
  ].join('\n')}\n`;
}
