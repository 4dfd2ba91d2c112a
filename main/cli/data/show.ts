/** `fettle data show`: how data files are read, before anything is trained on them. */

import type { DataShowResult } from '../../../common/protocol/protocol.ts';
import { DATA_SETTINGS } from '../../../common/settings/commands.ts';
import { type WorkIo, workHere } from '../../app/work-here.ts';
import { parseDataConfig } from '../../engine/config/config.ts';
import { type Arguments, type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from '../arguments.ts';
import { type Command, EXIT, type Streams } from '../command.ts';
import { printResult } from '../display.ts';
import { settle } from '../settings.ts';
import { number, percent, plural, within } from '../words.ts';

const EXAMPLE = 'fettle data show support.csv';

/** The files come without a flag. */
const FLAGS: readonly Flag[] = [
  ...flagsOf(DATA_SETTINGS).filter(({ name }) => name !== 'data'),
  JSON_FLAG,
  HELP_FLAG,
];

/** Characters of a text, and of an example in the list of columns, that are shown. */
const SHOWN_CHARS = 300;
const EXAMPLE_CHARS = 40;

export const command: Command = {
  usage: 'data show FILE… [flags]',
  about: 'Shows what was detected, why and how surely, and the first rows as the model gets them.',
  examples: [
    EXAMPLE,
    'fettle data show tickets.xlsx --map prompt=subject+body,answer=topic',
    'fettle data show tickets.csv --prompt-template "Sort this message: {subject} {body}" --map answer=topic',
  ],
  flags: FLAGS,
  positionals: ['FILE…'],
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const given = { name: 'the command', settings: { data: [...args.positionals] } };
  const config = settle(args, FLAGS, [given], { name: 'data show', example: EXAMPLE }, parseDataConfig);
  const work = (io: WorkIo) => workHere('show', config, io);
  const { result } = await printResult(args, streams, work, showText);
  return result.rows === 0 ? EXIT.data : EXIT.ok;
}

export function showText(result: DataShowResult): string {
  const lines = [
    ...result.files.flatMap(fileLines),
    ...section(
      'Notes',
      result.notes.filter(({ code }) => code !== 'data-schema').map(({ message }) => `  ${message}`),
    ),
    ...section(
      'Rows that cannot be used',
      result.problems.map((problem) => `  ${problem}`),
    ),
    ...result.first.flatMap(rowLines),
  ];
  const total = `${plural(result.rows, 'row')} to train on${result.badRows > 0 ? `, ${number(result.badRows)} that cannot be used` : ''}`;
  return `${[...lines, '', total].map((line) => within(line, '    ')).join('\n')}\n`;
}

function fileLines(file: DataShowResult['files'][number]): string[] {
  const bad = file.badRows > 0 ? `, ${number(file.badRows)} bad` : '';
  const sure = file.confidence === null ? '' : ` (${percent(file.confidence)} sure)`;
  return [
    file.path,
    `  Format    ${file.format}, ${plural(file.rows, 'row')}${bad}`,
    ...(file.kind === null ? [] : [`  Read as   ${file.kind}${sure}: ${file.reason}`]),
    ...(file.map === null ? [] : [`  As a flag --map ${file.map}`]),
    ...file.alternatives.slice(0, 3).map(({ kind, map }) => `  or        --map ${map}  (${kind})`),
    ...(file.columns.length === 0 ? [] : ['  Columns']),
    ...file.columns.map(({ name, filled, example }) => {
      const share = filled === 1 ? '' : ` (in ${percent(filled)} of the rows)`;
      return `    ${name}${share}  ${shortened(example, EXAMPLE_CHARS)}`.trimEnd();
    }),
  ];
}

function rowLines({
  where,
  turns,
  contextTurns,
  rejected = [],
  rated,
}: DataShowResult['first'][number]): string[] {
  const shown = turns.map(({ role, content }, i) => {
    const context = i < contextTurns ? ' (context, not trained on)' : '';
    return `  ${role}${context}: ${shortened(content, SHOWN_CHARS)}`;
  });
  const worse = rejected.map(({ content }) => `  worse answer: ${shortened(content, SHOWN_CHARS)}`);
  const rating = rated === undefined ? [] : [`  rated: ${rated ? 'good' : 'bad'}`];
  return ['', where, ...shown, ...worse, ...rating];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function shortened(text: string, chars: number): string {
  const flat = text.replace(/\s*\n\s*/g, ' / ');
  return flat.length > chars ? `${flat.slice(0, chars)}…` : flat;
}
