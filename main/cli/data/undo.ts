/** `fettle data undo`: the rows as they were before `fettle data check --fix`. */
import { resolve } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { Arguments } from '../arguments.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { type Flag, HELP_FLAG, JSON_FLAG } from '../flags.ts';
import { onInterrupt } from '../interrupt.ts';
import { number, plural } from '../words.ts';

const EXAMPLE = 'fettle data undo mended.jsonl --out restored.jsonl';

const FLAGS: readonly Flag[] = [
  {
    name: 'out',
    about: 'new file for the rows as they were (JSON Lines)',
    group: 'Files',
    value: 'FILE',
    required: true,
    alsoCalled: ['output', 'to'],
  },
  { name: 'overwrite', about: 'replace --out where it is there already', group: 'Files' },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'data undo FILE --out FILE [flags]',
  about:
    'FILE was written by `fettle data check --fix`; FILE.undo.jsonl lies beside it and holds what was changed. With --json it prints one object.',
  examples: [EXAMPLE],
  flags: FLAGS,
  positionals: ['FILE'],
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const out = args.values.get('out');
  if (typeof out !== 'string')
    throw new AppError('bad-usage', '--out is missing: new file for the rows.', `For example: ${EXAMPLE}`);
  const interrupt = onInterrupt(() => streams.err.write('Stopping. Press Ctrl-C again to end at once.\n'));
  try {
    const { undoData } = await import('../../engine/session/session.ts');
    const undone = await undoData({
      file: resolve(args.positionals[0] ?? ''),
      out: resolve(out),
      overwrite: args.values.get('overwrite') === true,
      signal: interrupt.stop,
    });
    const lost =
      undone.unreadableRows > 0
        ? ` ${plural(undone.unreadableRows, 'row')} that could not be read are only in the original.`
        : '';
    streams.out.write(
      args.values.get('json') === true
        ? `${JSON.stringify(undone)}\n`
        : `Wrote ${plural(undone.rows, 'row')} to ${undone.out}, ${number(undone.restoredRows)} of them put back as they were.${lost}\n`,
    );
    return EXIT.ok;
  } finally {
    interrupt.release();
  }
}
