/** `fettle data undo`: the rows as they were before `fettle data check --fix`. */
import { resolve } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { DoctorUndo } from '../../../common/protocol/protocol.ts';
import { type WorkIo, workHere } from '../../app/work-here.ts';
import type { Arguments } from '../arguments.ts';
import type { Command, Streams } from '../command.ts';
import { printResult } from '../display.ts';
import { EXIT } from '../exit-codes.ts';
import { type Flag, HELP_FLAG, JSON_FLAG } from '../flags.ts';
import { number, plural } from '../words.ts';

const EXAMPLE = 'fettle data undo repaired.jsonl --out restored.jsonl';

const FLAGS: readonly Flag[] = [
  {
    name: 'out',
    about: 'new file for the rows as they were (JSON Lines)',
    group: 'Files',
    value: 'FILE',
    required: true,
    alsoCalled: ['output', 'to'],
  },
  { name: 'overwrite', about: 'replace the file of --out if it exists', group: 'Files' },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'data undo FILE --out FILE [flags]',
  about: 'FILE was written by `fettle data check --fix`; FILE.undo.jsonl beside it holds what was changed.',
  examples: [EXAMPLE],
  flags: FLAGS,
  positionals: ['FILE'],
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const out = args.values.get('out');
  if (typeof out !== 'string')
    throw new AppError('bad-usage', '--out is missing: new file for the rows.', `For example: ${EXAMPLE}`);
  const [file, overwrite] = [resolve(args.positionals[0] ?? ''), args.values.get('overwrite') === true];
  const work = (io: WorkIo) => workHere<DoctorUndo>('undo', { file, out: resolve(out), overwrite }, io);
  await printResult(args, streams, work, undoText);
  return EXIT.ok;
}

function undoText({ rows, out, restoredRows, unreadableRows }: DoctorUndo): string {
  const lost =
    unreadableRows > 0
      ? ` ${plural(unreadableRows, 'row')} that could not be read are only in the original.`
      : '';
  return `Wrote ${plural(rows, 'row')} to ${out}, ${number(restoredRows)} of them put back as they were.${lost}\n`;
}
