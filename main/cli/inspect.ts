/** `fettle inspect`: what a model folder or file holds, without loading its weights. */
import type { InspectResult, RoundingError } from '../../common/protocol/protocol.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import { type Arguments, type Flag, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import { type Command, EXIT, type Streams } from './command.ts';
import { printResult } from './display.ts';
import { bytes, count, number, percent, plural, printable } from './words.ts';

const FLAGS: readonly Flag[] = [
  { name: 'tensors', about: 'list every tensor', group: 'Output' },
  { name: 'template', about: 'print the chat template', group: 'Output' },
  {
    name: 'rounding',
    about: 'show the quantisation error of --bits 8 and --bits 4, layer by layer',
    alsoCalled: ['quantization', 'quantisation', 'error', 'quantize'],
    group: 'Output',
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'inspect PATH [flags]',
  about: 'PATH is a Hugging Face folder or a .gguf file.',
  examples: [
    'fettle inspect models/SmolLM2.gguf',
    'fettle inspect models/gpt2 --tensors',
    'fettle inspect models/SmolLM2.gguf --rounding',
  ],
  flags: FLAGS,
  positionals: ['PATH'],
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const call = args.values.get('rounding') === true ? 'rounding' : 'inspect';
  const shown = {
    tensors: args.values.get('tensors') === true,
    template: args.values.get('template') === true,
  };
  const work = (io: WorkIo) => workHere(call, args.positionals[0] ?? '', io);
  await printResult(args, streams, work, (result) => inspectText(result, shown));
  return EXIT.ok;
}

export function inspectText(result: InspectResult, shown: { tensors: boolean; template: boolean }): string {
  const { tokenizer } = result;
  const rows: (readonly [string, string])[] = [
    ['Path', result.path],
    ['Family', `${result.family} (${result.format})`],
    ['Weights', `${count(result.parameters)} in ${plural(result.tensors.length, 'tensor')}`],
    ...result.dtypes.map(
      (one) =>
        [
          `  ${one.dtype}`,
          `${count(one.parameters)} in ${plural(one.tensors, 'tensor')}, ${bytes(one.bytes)}`,
        ] as const,
    ),
    ['Files', plural(result.files.length, 'file')],
    ...result.files.map((file) => [`  ${bytes(file.bytes)}`, file.path] as const),
    ['Shape', ''],
    ...Object.entries(result.config).map(([key, value]) => [`  ${key}`, configValue(value)] as const),
    [
      'Tokenizer',
      tokenizer
        ? `${tokenizer.kind}, ${plural(tokenizer.vocabSize, 'token')}`
        : (result.tokenizerProblem ?? 'none found'),
    ],
    ...(tokenizer
      ? ([
          ['  begins with', tokenizer.bos ?? 'nothing'],
          ['  ends with', tokenizer.eos ?? 'nothing'],
        ] as const)
      : []),
    [
      result.reads ? 'Use' : 'Chat',
      result.reads
        ? 'reads texts, for sorting and finding; it writes none'
        : result.template === null
          ? tokenizer
            ? 'no template: a base model'
            : 'unknown without a tokenizer'
          : `template of ${plural(result.template.length, 'character')}`,
    ],
    ['Licence', result.licence ?? 'not stated: look at where the model comes from'],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, text]) =>
    printable(`${name.padEnd(width)}${text}`)
      .replaceAll('\n', ' ')
      .trimEnd(),
  );
  if (result.rounding) lines.push('', ...roundingLines(result.rounding).map(printable));
  if (shown.tensors) lines.push('', ...tensorLines(result).map(printable));
  if (shown.template && result.template !== null) lines.push('', printable(result.template));
  return `${lines.join('\n')}\n`;
}

function configValue(value: number | string | boolean | null): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (value === null) return 'none';
  return typeof value === 'number' && Number.isInteger(value) ? number(value) : String(value);
}

function tensorLines({ tensors }: InspectResult): string[] {
  const width = Math.max(...tensors.map((tensor) => tensor.name.length)) + 2;
  return tensors.map(
    ({ name, dtype, shape }) => `${name.padEnd(width)}${dtype.padEnd(8)}[${shape.join(', ')}]`,
  );
}

/** One line of the table of what quantising would change: a layer, or what lies outside of the layers. */
interface Row {
  readonly name: string;
  readonly matrices: readonly RoundingError[];
}

/** The lines of a table; a layer's error is that of all its weights, beside its matrix that moves most. */
export function roundingLines(errors: readonly RoundingError[]): string[] {
  const rows = [...Map.groupBy(errors, ({ name }) => placeOf(name))].map(([name, matrices]) => ({
    name,
    matrices,
  }));
  const width = Math.max(...rows.map(({ name }) => name.length), 'Rounding'.length) + 2;
  return [
    `${'Rounding'.padEnd(width)}${'8 bits'.padStart(8)}${'4 bits'.padStart(9)}${'NF4'.padStart(9)}   moves most in 4 bits`,
    ...rows.map(
      (row) =>
        `${row.name.padEnd(width)}${changeText(mean(row, 'bits8')).padStart(8)}${changeText(mean(row, 'bits4')).padStart(9)}${changeText(mean(row, 'nf4')).padStart(9)}   ${worst(row)}`,
    ),
    'Root of the mean square by which weights move, in percent of that of the weights. Where it is hardly anything, the blocks of the file are kept.',
  ];
}

/** `model.layers.3.mlp.up_proj.weight` -> `model.layers.3`; what is in no layer has a line of its own. */
function placeOf(name: string): string {
  return /^.*?\.\d+(?=\.)/.exec(name)?.[0] ?? name.replace(/\.weight$/, '');
}

/** Over all weights of the row, as if each matrix had weights of the same size; null where a matrix has no such bits. */
function mean({ matrices }: Row, bits: 'bits8' | 'bits4' | 'nf4'): number | null {
  let [sum, weights] = [0, 0];
  for (const one of matrices) {
    const error = one[bits];
    if (error === null) return null;
    sum += one.weights * error ** 2;
    weights += one.weights;
  }
  return Math.sqrt(sum / weights);
}

function worst({ name, matrices }: Row): string {
  if (matrices.length === 1) return '';
  const most = matrices.reduce((a, b) => ((b.bits4 ?? b.bits8) > (a.bits4 ?? a.bits8) ? b : a));
  return `${most.name.slice(name.length + 1).replace(/\.weight$/, '')} ${changeText(most.bits4 ?? most.bits8)}`;
}

function changeText(share: number | null): string {
  if (share === null) return '';
  return share === 0 ? '0' : percent(share, share < 0.001 ? 3 : 2);
}
