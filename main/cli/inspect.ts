/** `fettle inspect`: what a model folder or file holds, without loading its weights. */
import type { InspectResult } from '../../common/protocol/protocol.ts';
import type { Arguments } from './arguments.ts';
import type { Command, Streams } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { type Flag, HELP_FLAG, JSON_FLAG } from './flags.ts';
import { roundingLines } from './rounding-lines.ts';
import { bytes, count, number, plural, printable } from './words.ts';

const FLAGS: readonly Flag[] = [
  { name: 'tensors', about: 'list every tensor', group: 'Output' },
  { name: 'template', about: 'print the chat template', group: 'Output' },
  {
    name: 'rounding',
    about: 'read all weights and tell how far --bits 8 and --bits 4 move them, layer by layer',
    alsoCalled: ['quantization', 'quantisation', 'error', 'quantize'],
    group: 'Output',
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'inspect PATH [flags]',
  about:
    'PATH is a Hugging Face folder or a .gguf file. With --json it prints one object with everything, of --rounding each matrix.',
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
  const { inspect } = await import('../engine/session/session.ts');
  const result = await inspect(args.positionals[0] ?? '', args.values.get('rounding') === true);
  const shown = {
    tensors: args.values.get('tensors') === true,
    template: args.values.get('template') === true,
  };
  streams.out.write(
    args.values.get('json') === true ? `${JSON.stringify(result)}\n` : inspectText(result, shown),
  );
  return EXIT.ok;
}

/** The result as a person reads it. */
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
      'Chat',
      result.template === null
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
